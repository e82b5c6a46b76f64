"""`podium board`: what people do with the model boards of a site, by its API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from podium.cli.printing import json_text, printable
from podium.cli.remote import DEFAULT_SERVER, Server, Token, client_of

if TYPE_CHECKING:
    from podium.sdk.model_board_answers import AddedAnswer, PredictionsAnswer, ReferencesAnswer
    from podium.sdk.model_boards import ExportFormat

app = typer.Typer(
    no_args_is_help=True, help="Compare models on datasets: read boards, declare results, have predictions scored."
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Dataset = Annotated[str, typer.Argument(help="Name of the dataset.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV, JSON Lines or JSON file.")]
Metric = Annotated[str, typer.Option(help="Which metric.")]
Lower = Annotated[
    bool | None,
    typer.Option("--lower-is-better/--higher-is-better", help="Which way the metric goes; else its name tells."),
]
_FORMATS: tuple[ExportFormat, ...] = ("json", "csv", "every_eval_ever", "eval_results")


@app.command("list")
def list_boards(as_json: AsJson = False, server: Server = DEFAULT_SERVER, token: Token = "") -> None:
    """List all datasets."""
    with client_of(server, token, needs_token=False) as client:
        found = client.boards.list_boards()
    if as_json:
        _print([each.model_dump(mode="json") for each in found])
        return
    for each in found:
        models = f"{each.model_count} model{'' if each.model_count == 1 else 's'}"
        typer.echo(printable(f"{each.name}  ({each.task_type}, {models})"))


@app.command("show")
def show(dataset: Dataset, as_json: AsJson = False, server: Server = DEFAULT_SERVER, token: Token = "") -> None:
    """Show the models on a dataset, in order of rank."""
    with client_of(server, token, needs_token=False) as client:
        board = client.boards.show(dataset)
    if as_json:
        _print(board.model_dump(mode="json"))
        return
    from podium.cli.model_board_tables import board_table, print_table

    print_table(board_table(board))


@app.command("add-dataset")
def add_dataset(
    name: Annotated[str, typer.Argument(help="What the dataset is called.")],
    task_type: Annotated[str, typer.Option(help="Such as text_classification.")],
    url: Annotated[str, typer.Option(help="Where it is published.")] = "",
    description: Annotated[str, typer.Option(help="What it is about.")] = "",
    metric: Metric = "",
    lower_is_better: Lower = None,
    references: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What is right, so that predictions can be scored."),
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="What models are asked, for everybody to read.")
    ] = None,
    as_json: AsJson = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Add a dataset, or change the one of that name."""
    if inputs is not None and references is None:
        raise typer.BadParameter("--inputs goes with --references.")
    with client_of(server, token) as client:
        added = client.boards.add_dataset(
            name, task_type, url=url, description=description, metric=metric, lower_is_better=lower_is_better
        )
        stand = None if references is None else client.boards.put_references(name, references, inputs=inputs)
    if stand is None:
        _added(added, as_json=as_json)
    else:
        _stand(stand, as_json=as_json)


@app.command("add-model")
def add_model(
    dataset: Dataset,
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    score: Annotated[float, typer.Argument(help="Its score.")],
    ci: Annotated[tuple[float, float] | None, typer.Option(help="The bounds of its interval.")] = None,
    updated: Annotated[str, typer.Option(help="The day or month, such as 2024-09.")] = "",
    metric: Metric = "",
    lower_is_better: Lower = None,
    submitted_by: Annotated[str, typer.Option(help="Who made it.")] = "",
    source: Annotated[str, typer.Option(help="Where it was published.")] = "",
    as_json: AsJson = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Declare what a model reached on a dataset. Write -- before a score below zero."""
    with client_of(server, token) as client:
        added = client.boards.add_model(
            dataset,
            model,
            score,
            ci=ci,
            updated=updated,
            metric=metric,
            lower_is_better=lower_is_better,
            submitted_by=submitted_by,
            source=source,
        )
    _added(added, as_json=as_json)


@app.command("submit")
def submit(
    dataset: Dataset,
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    file: File,
    submitted_by: Annotated[str, typer.Option(help="Who made it.")] = "",
    source: Annotated[str, typer.Option(help="Where the model is published.")] = "",
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the score.")] = False,
    as_json: AsJson = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Send a model's predictions, to be scored."""
    with client_of(server, token) as client:
        stand = client.boards.submit(dataset, model, file, submitted_by=submitted_by, source=source, wait=not no_wait)
    _stand(stand, as_json=as_json)


@app.command("check")
def check(
    dataset: Dataset, file: File, as_json: AsJson = False, server: Server = DEFAULT_SERVER, token: Token = ""
) -> None:
    """Look whether predictions would do. Nothing is kept of them."""
    with client_of(server, token) as client:
        stand = client.boards.check(dataset, file)
    _stand(stand, as_json=as_json)


@app.command("compare")
def compare(
    dataset: Dataset,
    models: Annotated[list[str], typer.Argument(help="Two to ten models.")],
    metric: Metric = "",
    as_json: AsJson = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Compare models of a board pair by pair."""
    with client_of(server, token) as client:
        found = client.boards.compare(dataset, models, metric=metric)
    if as_json:
        _print(found.model_dump(mode="json"))
        return
    from podium.cli.model_board_tables import models_table, pairs_table, print_table

    print_table(models_table(found))
    print_table(pairs_table(found))


@app.command("export")
def export(
    dataset: Annotated[str, typer.Argument(help="Name of the dataset; without one, all results.")] = "",
    format: Annotated[str, typer.Option(help=f"One of {', '.join(_FORMATS)}.")] = "json",  # noqa: A002 - the option
    model: Annotated[str, typer.Option(help="Only the results of this model.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to save it; else it is printed.")] = None,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Save results as a file of a format."""
    known = next((each for each in _FORMATS if each == format), None)
    if known is None:
        raise typer.BadParameter(f"The formats are {', '.join(_FORMATS)}.")
    with client_of(server, token, needs_token=False) as client:
        content = client.boards.export(known, dataset=dataset, model=model)
    if output is None:
        typer.echo(content.decode("utf-8", "replace"), nl=False)
        return
    output.write_bytes(content)
    typer.echo(printable(f"{output} ({len(content):,} bytes)"))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of another tool.")],
    task_type: Annotated[str, typer.Option(help="Task type of datasets that are not there yet.")] = "",
    model: Annotated[str, typer.Option(help="The model's name, instead of the one in the file.")] = "",
    dataset: Annotated[str, typer.Option(help="Name of the file's only dataset, instead of the one in it.")] = "",
    metric: Metric = "",
    parts: Annotated[bool, typer.Option("--parts", help="Take parts of groups as datasets too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of the file.")] = False,
    as_json: AsJson = False,
    server: Server = DEFAULT_SERVER,
    token: Token = "",
) -> None:
    """Declare the results in a file of lm-evaluation-harness, Inspect, Every Eval Ever or the Hugging Face Hub."""
    with client_of(server, token) as client:
        report = client.boards.import_results(
            file, task_type=task_type, model=model, dataset=dataset, metric=metric, parts=parts, dry_run=dry_run
        )
    if as_json:
        _print(report.model_dump(mode="json"))
        return
    for each in report.results:
        reason = f" {each.reason}" if each.reason else ""
        typer.echo(printable(f"{each.outcome:<8} {each.dataset}: {each.model} {each.score}{reason}"))
    for left in report.left_out:
        typer.echo(printable(f"left out {left.place}: {left.reason}"), err=True)
    typer.echo(printable(report.message))


def _added(added: AddedAnswer, *, as_json: bool) -> None:
    if as_json:
        _print(added.model_dump(mode="json"))
        return
    if added.warnings:
        typer.echo(printable(f"note: {added.warnings}"), err=True)
    typer.echo(printable(added.message))


def _stand(stand: PredictionsAnswer | ReferencesAnswer, *, as_json: bool) -> None:
    """Say how predictions or references stand; those that are wrong end the command with status 1."""
    if as_json:
        _print(stand.model_dump(mode="json"))
    else:
        for problem in stand.problems:
            place = ":".join(str(part) for part in (problem.file, problem.line) if part is not None)
            typer.echo(printable(f"{place + ': ' if place else ''}{problem.message} {problem.hint}".rstrip()), err=True)
        more = stand.problem_count - len(stand.problems)
        if more > 0:
            typer.echo(f"There are {more:,} more problems.", err=True)
        score = getattr(stand, "score", None)
        told = "" if score is None else f" Score {score:.4f}."
        typer.echo(printable(f"{stand.message or stand.state}{told}"))
    if stand.state in {"refused", "failed"}:
        raise typer.Exit(1)


def _print(content: Any) -> None:
    typer.echo(json_text(json.loads(json.dumps(content)), indent=2))
