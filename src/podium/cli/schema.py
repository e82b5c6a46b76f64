"""`podium schema`: the JSON Schema of competition.yaml."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the JSON Schema of competition.yaml, for editors that complete and check by one."""
    import json

    from podium.rules.bundle.schema import competition_schema

    typer.echo(json.dumps(competition_schema(), indent=2, ensure_ascii=False))
