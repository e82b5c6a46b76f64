"""`podium lint`: everything that is wrong with a bundle, or worth knowing, before anybody runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.printing import json_text, printable

if TYPE_CHECKING:
    from podium.cli.local.lint import LintReport

Bundle = Annotated[Path, typer.Argument(help="A bundle: a zip, or the folder of competition.yaml.")]


def lint(
    bundle: Bundle,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print a SARIF 2.1.0 log, for CI services.")] = False,
) -> None:
    """Name every problem of a bundle with file, line and column, and what to do about it.

    Exit status: 0 if the bundle can be used (there may be notes), 1 if it has errors.
    """
    if as_json and as_sarif:
        raise typer.BadParameter("--json and --sarif exclude each other.")
    from podium.cli.local.lint import lint_path

    report = lint_path(bundle)
    if as_json or as_sarif:
        from podium.cli.local import problems

        shown = problems.as_json(str(bundle), report) if as_json else problems.as_sarif(report)
        typer.echo(json_text(shown, indent=2))
    else:
        tell_problems(report)
    if report.errors:
        raise typer.Exit(1)


def tell_problems(report: LintReport, *, to_stderr: bool = False) -> None:
    """Print each problem on a line of its own, errors first, and on stderr how many there are."""
    from podium.cli.local.problems import as_line, summary

    for problem in report.problems:
        place, code, text = as_line(problem)
        colour = typer.colors.RED if problem.severity == "error" else typer.colors.YELLOW
        styled = typer.style(printable(place), bold=True), typer.style(code, fg=colour), printable(text)
        typer.echo("  ".join(styled), err=to_stderr)
    typer.secho(summary(report), err=True, fg=typer.colors.RED if report.errors else typer.colors.GREEN)
