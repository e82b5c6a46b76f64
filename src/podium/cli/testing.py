"""`podium test`: a bundle proves that it works, by its own solutions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.lint import Bundle, tell_problems
from podium.cli.printing import json_text, printable
from podium.cli.run import Keep, Runtime, Sandbox

if TYPE_CHECKING:
    from podium.blobs.archives import MemberSource
    from podium.cli.local.lint import LintReport
    from podium.cli.local.running import RunOptions
    from podium.cli.local.verdicts import Verdict
    from podium.rules.bundle import BundleReading

_LOG_LINES = 15


def check(
    bundle: Bundle,
    submission: Annotated[
        list[Path] | None,
        typer.Option(
            "--submission",
            "-s",
            metavar="PATH",
            help="A zip or folder to run instead of the bundle's own solutions; may be repeated.",
        ),
    ] = None,
    sandbox: Sandbox = "bubblewrap",
    runtime: Runtime = None,
    keep: Keep = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a bundle: lint it, run all its solutions on all their tasks, and compare with what is expected of them.

    Exit status: 0 if every solution was scored as expected, 1 if not, or if the bundle has errors.
    """
    from podium.blobs.archives import open_source
    from podium.cli.local.lint import lint_source
    from podium.cli.local.problems import as_json as problems_as_json
    from podium.cli.local.running import RunOptions
    from podium.rules.bundle import read_bundle

    with open_source(bundle) as source:
        reading = read_bundle(source)
        report = lint_source(source, reading)
        tell_problems(report, to_stderr=True)
        verdicts = (
            []
            if report.errors
            else _run(source, reading, submission or [], RunOptions(sandbox=sandbox, runtime=runtime, keep=keep))
        )
    passed = not report.errors and all(verdict.passed for verdict in verdicts)
    if as_json:
        found = {
            "passed": passed,
            "lint": problems_as_json(str(bundle), report),
            "runs": [verdict.as_json() for verdict in verdicts],
        }
        typer.echo(json_text(found, indent=2))
    else:
        _tell(report, verdicts)
    if not passed:
        raise typer.Exit(1)


def _run(source: MemberSource, reading: BundleReading, submissions: list[Path], options: RunOptions) -> list[Verdict]:
    from podium.cli.local.choose import plan_phases
    from podium.cli.local.running import run_plans, stoppable
    from podium.cli.local.verdicts import judge

    spec = reading.require()
    plans, without = plan_phases(spec, spec.phases, submissions)
    for name in without:
        _progress(f"The phase {name} has no solutions; nothing of it is tested.")
    return judge(stoppable(lambda cancel: run_plans(source, reading, plans, options, _progress, cancel)))


def _progress(line: str) -> None:
    typer.echo(printable(line), err=True)


def _tell(report: LintReport, verdicts: list[Verdict]) -> None:
    for verdict in verdicts:
        mark = typer.style("passed", fg=typer.colors.GREEN) if verdict.passed else typer.style("FAILED", fg="red")
        values = ", ".join(f"{key} {value:g}" for key, value in verdict.scores.items())
        expected = f"  ({verdict.compared} as expected)" if verdict.compared and verdict.passed else ""
        where = " / ".join((verdict.phase, verdict.solution, verdict.task))
        typer.echo(f"{mark}  {printable(where)}  {printable(values)}{expected}".rstrip())
        for complaint in verdict.complaints:
            typer.echo(f"        {printable(complaint)}")
        for line in verdict.log_tail.splitlines()[-_LOG_LINES:]:
            typer.echo(f"        | {printable(line)}")
    failed = sum(not verdict.passed for verdict in verdicts)
    if report.errors:
        typer.echo("Nothing was run: the bundle has errors.")
    else:
        typer.echo(f"{len(verdicts) - failed} passed, {failed} failed.")
