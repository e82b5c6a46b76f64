"""`podium runtime`: the environments that programs run in on this machine."""

from __future__ import annotations

import json
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="See and build the environments that programs run in.")

Name = Annotated[
    str, typer.Argument(help="A runtime of `podium runtime list`, or the path of a requirements file ending in .txt.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.command("list")
def list_runtimes(as_json: AsJson = False) -> None:
    """List the runtimes that come with Podium, and whether they are built here."""
    from podium.runtimes import built, recipe, shipped_names

    rows = []
    for name in shipped_names():
        found = built(name)
        rows.append(
            {
                "name": name,
                "built": found is not None,
                "python": found.python_version if found else None,
                "folder": str(found.folder) if found else None,
                "summary": recipe(name).summary,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = f"built, Python {row['python']}" if row["built"] else "not built yet"
        typer.echo(f"{row['name']:<16}{state:<24}{row['summary']}")


@app.command()
def build(name: Name) -> None:
    """Build a runtime now instead of when it is first needed."""
    from podium.runtimes import ensure

    runtime = ensure(name, lambda line: typer.echo(line, err=True))
    typer.echo(str(runtime.folder))


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show what a runtime is made of and which images it stands in for."""
    import os

    from podium.runtimes import ImageRules, built, recipe

    ingredients = recipe(name)
    found = built(name)
    rules = ImageRules.from_environment(os.environ)
    facts = {
        "name": ingredients.name,
        "summary": ingredients.summary,
        "images": rules.images_of(name),
        "python": found.python_version if found else None,
        "interpreter": str(found.interpreter) if found else None,
        "folder": str(found.folder) if found else None,
        "digest": found.digest if found else None,
        "packages": ingredients.packages,
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    for label, value in facts.items():
        shown = ", ".join(value) if isinstance(value, (list, tuple)) else value
        typer.echo(f"{label:<13}{shown if shown is not None else 'not built yet'}")
