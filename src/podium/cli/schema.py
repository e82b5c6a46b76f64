"""`podium schema`: competition.yaml for editors, as a JSON Schema, and for people, as a page."""

from __future__ import annotations

from typing import Annotated

import typer


def schema(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference page of all keys instead, in Markdown.")
    ] = False,
) -> None:
    """Print the JSON Schema of competition.yaml, for editors that complete and check by one."""
    if markdown:
        from podium.rules.bundle.reference import reference_page

        typer.echo(reference_page(), nl=False)
        return
    import json

    from podium.rules.bundle.schema import competition_schema

    typer.echo(json.dumps(competition_schema(), indent=2, ensure_ascii=False))
