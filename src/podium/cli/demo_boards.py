"""The model boards of `podium demo`: datasets of a folder, with what is right and what models answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from podium.cli.printing import printable

if TYPE_CHECKING:
    from podium.sdk.client import PodiumClient

_ABOUT = "dataset.json"


def show_model_boards(url: str, token: str, examples: Path) -> bool:
    """Make model boards of the datasets beside the example competitions, and say so once all models are scored.
    Returns whether all were."""
    from podium.sdk.client import PodiumClient

    folders = sorted(path.parent for path in examples.glob(f"modelboards/*/{_ABOUT}"))
    if not folders:
        return True
    with PodiumClient(url, token) as owner, PodiumClient(url, "") as visitor:
        # All references first: their checks would wait behind the predictions of other datasets.
        added = [(_add_dataset(owner, visitor, folder), folder) for folder in folders]
        sent = [each for name, folder in added if name for each in _send_predictions(owner, name, folder)]
        scored = [_is_scored(owner, model, key) for model, key in sent]
    typer.echo(f"{len(folders)} model boards are there; {sum(scored)} of {len(scored)} models were scored on them.")
    return all(scored) and all(name for name, _ in added)


def _add_dataset(owner: PodiumClient, visitor: PodiumClient, folder: Path) -> str:
    """Add a dataset with what is right on it. Returns its name; none where that was refused.

    One without references belongs to nobody, so that whoever tries the API there without a key may change it."""
    about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    name: str = about["name"]
    references = next(iter(folder.glob("references.*")), None)
    (visitor if references is None else owner).boards.add_dataset(
        name,
        about["task_type"],
        url=about.get("url", ""),
        description=about.get("description", ""),
        metric=about.get("evaluation_metric", ""),
        models=about.get("models", ()),
    )
    if references is None:
        return name
    stand = owner.boards.put_references(name, references, inputs=next(iter(folder.glob("inputs.*")), None))
    if stand.state != "accepted":
        typer.echo(printable(f"{name}: {stand.message}"), err=True)
        return ""
    return name


def _send_predictions(owner: PodiumClient, dataset: str, folder: Path) -> list[tuple[str, UUID]]:
    """Send the predictions of all models. Returns what each is called, and the key to ask after it."""
    sent = []
    for file in sorted(folder.glob("predictions/*")):
        key = owner.boards.submit(dataset, file.stem, file, wait=False).predictions_id
        if key is not None:
            sent.append((f"{dataset}, {file.stem}", key))
    return sent


def _is_scored(owner: PodiumClient, model: str, key: UUID) -> bool:
    """Wait until predictions have ended; whether they were scored. Says what is wrong with them otherwise."""
    ended = owner.boards.wait_for(key)
    if ended.state != "scored":
        typer.echo(printable(f"{model}: {ended.state}. {ended.message}"), err=True)
    return ended.state == "scored"
