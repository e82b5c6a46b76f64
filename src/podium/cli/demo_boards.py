"""The model boards of `podium demo`: datasets of a folder, with what is right and what models answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from podium.cli.printing import printable

if TYPE_CHECKING:
    from podium.sdk.client import PodiumClient

ABOUT = "dataset.json"


@dataclass(frozen=True)
class SentModel:
    """Predictions that were sent, by the key to ask after them."""

    dataset: str
    model: str
    key: UUID


def dataset_folders(examples: Path) -> list[Path]:
    """The folders of the datasets beside the competitions; none where there are none."""
    return sorted(path.parent for path in examples.glob(f"modelboards/*/{ABOUT}"))


def send_datasets(owner: PodiumClient, folders: list[Path]) -> list[SentModel]:
    """Add the datasets with everything in their folders. Returns the predictions, which are scored meanwhile."""
    sent: list[SentModel] = []
    for folder in folders:
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        owner.boards.add_dataset(
            about["name"],
            about["task_type"],
            url=about.get("url", ""),
            description=about.get("description", ""),
            metric=about.get("evaluation_metric", ""),
            models=about.get("models", ()),
        )
        references = next(iter(folder.glob("references.*")), None)
        if references is None:
            continue
        inputs = next(iter(folder.glob("inputs.*")), None)
        stand = owner.boards.put_references(about["name"], references, inputs=inputs)
        if stand.state != "accepted":
            typer.echo(printable(f"{about['name']}: {stand.message}"), err=True)
            continue
        for file in sorted(folder.glob("predictions/*")):
            made = owner.boards.submit(about["name"], file.stem, file, wait=False)
            if made.predictions_id is not None:
                sent.append(SentModel(about["name"], file.stem, made.predictions_id))
    if folders:
        typer.echo(f"\nAdded {len(folders)} model boards. Predictions of {len(sent)} models are being scored for them.")
    return sent


def wait_for_models(owner: PodiumClient, sent: list[SentModel]) -> bool:
    """Wait until all predictions are scored, and say how many were; whether all were."""
    failed = 0
    for each in sent:
        ended = owner.boards.wait_for(each.key)
        if ended.state != "scored":
            failed += 1
            typer.echo(printable(f"{each.dataset}, {each.model}: {ended.state}. {ended.message}"), err=True)
    if sent:
        typer.echo(f"Scored {len(sent) - failed} of {len(sent)} models.")
    return not failed
