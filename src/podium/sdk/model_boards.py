"""Model boards: datasets, results that are declared, predictions that are scored, comparisons, imports, exports.

Every verb here may be asked twice without harm, as the same again changes nothing. So it is asked again, for up to a
minute, where the server is away or was asked too often.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel

from podium.rules.errors import UserError
from podium.sdk import connection
from podium.sdk.connection import understood
from podium.sdk.model_board_answers import (
    AddedAnswer,
    BoardPart,
    DatasetAnswer,
    DatasetDetails,
    DatasetsAnswer,
    ImportReportAnswer,
    ModelAnswer,
    ModelBoard,
    ModelComparison,
    PredictionsAnswer,
    ReferencesAnswer,
)

ExportFormat = Literal["json", "csv", "every_eval_ever", "eval_results"]

_PAGE = 100
_WAIT_AT_MOST_S = 600.0
_OWN = "/api/leaderboard"

Waited = TypeVar("Waited", bound=BaseModel)


class _Line(Protocol):
    """The connection, as far as it is needed here."""

    def send_again(self, method: str, path: str, **arguments: Any) -> httpx.Response: ...


class ModelBoards:
    """What people do with model boards."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    def list_boards(self) -> tuple[DatasetAnswer, ...]:
        """All datasets."""
        return understood(DatasetsAnswer, self._get("/public/datasets")).datasets

    def show(self, dataset: str) -> ModelBoard:
        """A dataset, by name, with all models on it.

        Raises:
            NotFound: there is none of that name.
        """
        told = understood(DatasetDetails, self._get("/public/dataset_details", name=dataset)).dataset
        models: list[ModelAnswer] = []
        page: int | None = 1
        while page is not None:
            asked = {"dataset": dataset, "page": page, "page_size": _PAGE}
            part = understood(BoardPart, self._get("/public/get_leaderboard", **asked))
            models += part.leaderboard
            page = part.next_cursor
        return ModelBoard(dataset=told, models=tuple(models))

    def add_dataset(
        self,
        name: str,
        task_type: str,
        *,
        url: str = "",
        description: str = "",
        metric: str = "",
        lower_is_better: bool | None = None,
        models: Sequence[Mapping[str, Any]] = (),
    ) -> AddedAnswer:
        """Add a dataset with the results of models, or add to the one of that name: all or nothing.

        Raises:
            NotAllowed: the dataset is somebody else's.
            UserError: a field does not do; it is named.
        """
        fields = {
            "name": name,
            "task_type": task_type,
            "url": url,
            "description": description,
            "evaluation_metric": metric,
            **_direction(lower_is_better),
            "models": [dict(each) for each in models],
        }
        return _added(self._post(f"{_OWN}/add_dataset", fields))

    def add_model(
        self,
        dataset: str,
        model: str,
        score: float | None,
        *,
        ci: tuple[float, float] | None = None,
        updated: str = "",
        metric: str = "",
        lower_is_better: bool | None = None,
        detailed_scores: Mapping[str, float] | None = None,
        submitted_by: str = "",
        source: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> AddedAnswer:
        """Declare what a model reached on a dataset.

        Raises:
            NotFound: there is no such dataset.
            NotAllowed: somebody else declared this model's result.
        """
        fields: dict[str, Any] = {
            **(extra or {}),
            "dataset_name": dataset,
            "model": model,
            "score": score,
            "ci": None if ci is None else list(ci),
            "updated": updated,
            "evaluation_metric": metric,
            **_direction(lower_is_better),
            "submitted_by": submitted_by,
            "source": source,
        }
        if detailed_scores:
            fields["detailed_scores"] = dict(detailed_scores)
        return _added(self._post(f"{_OWN}/add_model", fields))

    def put_references(self, dataset: str, file: Path, *, inputs: Path | None = None) -> ReferencesAnswer:
        """Give a dataset what is right on it, so that predictions can be scored, and what models are asked, for
        everybody to read. Returns how they stand once they were checked.

        Raises:
            NotAllowed: the dataset is somebody else's.
        """
        files = {"references": (file.name, file.read_bytes())}
        if inputs is not None:
            files["inputs"] = (inputs.name, inputs.read_bytes())
        self._send_files("put_references", {"dataset_name": dataset}, files)
        told = understood(DatasetDetails, self._get("/public/dataset_details", name=dataset)).dataset
        return _waited(
            lambda: understood(ReferencesAnswer, self._get(f"{_OWN}/references/{told.slug}")), lambda found: found.ended
        )

    def submit(
        self, dataset: str, model: str, file: Path, *, submitted_by: str = "", source: str = "", wait: bool = True
    ) -> PredictionsAnswer:
        """Send a model's predictions, to be scored. Returns how they stand, at once or when they have ended.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it has no references.
        """
        fields = {"dataset_name": dataset, "model": model, "submitted_by": submitted_by, "source": source}
        sent = understood(PredictionsAnswer, self._send_files("submit_predictions", fields, _one(file)))
        key = sent.predictions_id
        if not wait or sent.ended or key is None:
            return sent
        return self.wait_for(key)

    def wait_for(self, key: UUID) -> PredictionsAnswer:
        """Predictions once they have ended."""
        return _waited(lambda: self.predictions(key), lambda found: found.ended)

    def predictions(self, key: UUID) -> PredictionsAnswer:
        """Predictions as they stand now."""
        return understood(PredictionsAnswer, self._get(f"{_OWN}/predictions/{key}"))

    def check(self, dataset: str, file: Path) -> PredictionsAnswer:
        """Whether predictions would do, and what is wrong with them: the state is valid or refused. Nothing is kept."""
        sent = understood(
            PredictionsAnswer, self._send_files("check_predictions", {"dataset_name": dataset}, _one(file))
        )
        if sent.ended or sent.check_id is None:
            return sent
        return _waited(
            lambda: understood(PredictionsAnswer, self._get(f"{_OWN}/checks/{sent.check_id}")),
            lambda found: found.ended,
        )

    def compare(self, dataset: str, models: Sequence[str], *, metric: str = "") -> ModelComparison:
        """Two to ten models of a board, pair by pair; waits until that is computed."""
        asked = {"dataset": dataset, "model": list(models), "metric": metric}
        return _waited(
            lambda: understood(ModelComparison, self._get(f"{_OWN}/compare", **asked)),
            lambda found: found.state != "waiting",
        )

    def export(self, format: ExportFormat, *, dataset: str = "", model: str = "") -> bytes:  # noqa: A002 - the API's word
        """Results on one dataset or all, of one model or all, as a file.

        Raises:
            UserError: the format needs a model, and none is named.
        """
        return self._get("/public/export/leaderboard", format=format, dataset=dataset, model=model).content

    def import_results(
        self,
        file: Path,
        *,
        task_type: str = "",
        model: str = "",
        dataset: str = "",
        metric: str = "",
        parts: bool = False,
        dry_run: bool = False,
    ) -> ImportReportAnswer:
        """Declare every result of a file of another tool, or none of it.

        Raises:
            UserError: it cannot be read, or needs a task type; the place in the file is named.
        """
        fields = {
            "task_type": task_type,
            "model": model,
            "dataset": dataset,
            "metric": metric,
            "parts": "1" if parts else "0",
            "dry_run": "1" if dry_run else "0",
        }
        return understood(ImportReportAnswer, self._send_files("import", fields, _one(file)))

    def _get(self, path: str, **query: Any) -> httpx.Response:
        return self._line.send_again("GET", path, params={key: value for key, value in query.items() if value != ""})

    def _post(self, path: str, fields: Mapping[str, Any]) -> httpx.Response:
        wanted = {
            key: value
            for key, value in fields.items()
            if value not in ("", []) and (value is not None or key == "score")
        }
        return self._line.send_again("POST", path, json=wanted)

    def _send_files(
        self, verb: str, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]
    ) -> httpx.Response:
        data = {key: value for key, value in fields.items() if value}
        return self._line.send_again("POST", f"{_OWN}/{verb}", data=data, files=files)


def _one(file: Path) -> dict[str, tuple[str, bytes]]:
    return {"file": (file.name, file.read_bytes())}


def _direction(lower_is_better: bool | None) -> dict[str, str]:
    return {} if lower_is_better is None else {"metric_direction": "asc" if lower_is_better else "desc"}


def _added(answer: httpx.Response) -> AddedAnswer:
    told = understood(AddedAnswer, answer)
    return told.model_copy(update={"warnings": answer.headers.get("X-Podium-Warning", "")})


def _waited(ask: Callable[[], Waited], ended: Callable[[Waited], bool]) -> Waited:
    deadline = time.monotonic() + _WAIT_AT_MOST_S
    while not ended(found := ask()):
        if time.monotonic() > deadline:
            raise UserError("wait-too-long", "The site has not computed this within ten minutes.", "Ask again later.")
        time.sleep(connection.LOOK_EVERY_S)
    return found
