"""What a worker uploads and tells when a step has ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from tests.tiny_server import Asked, Told, tiny_server
from tests.unit.worker.execute.test_steps import RUNTIME
from tests.unit.worker.transport.test_orders import PREDICTION, SCORING

from podium.rules.errors import InternalError, OutOfSpace, PodiumError, ProgramError, UserError
from podium.sandbox.interface import Ending, Outcome
from podium.worker.execute.order import ProgramRun, Role, StepResult
from podium.worker.transport.client import ServerClient
from podium.worker.transport.orders import read_order
from podium.worker.transport.reports import report_result, report_trouble

KINDS = ("stdout", "stderr", "ingestion_stdout", "ingestion_stderr")


def program(role: Role, out: str = "", err: str = "", code: int = 0) -> ProgramRun:
    return ProgramRun(role, ("program",), Outcome(Ending.EXITED, code, 1.0), out, err)


class Heard:
    """What the server heard: uploads by name, the last status, and the order of everything."""

    def __init__(self) -> None:
        self.uploads: dict[str, Asked] = {}
        self.status: dict[str, str] = {}
        self.order: list[str] = []

    def answer(self, asked: Asked) -> Told:
        name = asked.path.rsplit("/", 1)[-1]
        if asked.method == "PUT":
            self.uploads[name] = asked
        elif asked.method == "PATCH":
            self.status = {key: values[0] for key, values in parse_qs(asked.body.decode()).items()}
        self.order.append(name if asked.method == "PUT" else asked.method)
        return Told()


def report(tmp_path: Path, order: dict[str, Any], result: StepResult) -> Heard:
    heard = Heard()
    with tiny_server(heard.answer) as server, ServerClient(server.url, "t") as client:
        step = "scoring" if order["is_scoring"] else "prediction"
        kinds = [f"{step}_{kind}" for kind in KINDS]
        kinds += ["scoring_result", "detailed_results_url"] if order["is_scoring"] else ["prediction_result"]
        links = {kind: f"{server.url}/upload/{kind}" for kind in kinds}
        report_result(client, read_order({**order, **links}), result, RUNTIME, tmp_path)
    return heard


def output(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    return folder


def test_logs_of_both_programs_go_where_the_contract_has_them(tmp_path: Path) -> None:
    runs = (program(Role.PROGRAM, "scored\n", "warned\n"), program(Role.INGESTION, "fed\n"))
    result = StepResult(output(tmp_path, scores_json="{}"), runs, scores={"a": 1.0}, notes=("It was slow.",))
    heard = report(tmp_path, SCORING, result)
    logs = {name: asked.body.decode() for name, asked in heard.uploads.items() if "std" in name}
    # Empty logs are not sent; what Podium has to say stands at the end of stderr.
    assert logs == {
        "scoring_stdout": "scored\n",
        "scoring_stderr": "warned\n[podium] It was slow.\n",
        "scoring_ingestion_stdout": "fed\n",
    }
    assert heard.order[-2:] == ["POST", "PATCH"]


def test_detailed_results_are_the_named_page_or_else_the_first(tmp_path: Path) -> None:
    result = StepResult(output(tmp_path, a_html="first"), (program(Role.PROGRAM),), scores={})
    assert report(tmp_path, SCORING, result).uploads["detailed_results_url"].body == b"first"
    (result.output / "detailed_results.html").write_text("named")
    heard = report(tmp_path, SCORING, result)
    assert heard.uploads["detailed_results_url"].body == b"named"
    assert heard.uploads["detailed_results_url"].headers["Content-Type"] == "text/html"


def test_a_prediction_hands_on_to_scoring_and_sends_no_scores(tmp_path: Path) -> None:
    heard = report(tmp_path, PREDICTION, StepResult(output(tmp_path, labels_csv="1"), (program(Role.PROGRAM),)))
    assert heard.order == ["prediction_result", "PATCH"]
    assert (heard.status["status"], heard.status["exit_code"]) == ("Scoring", "0")
    assert heard.status["runtime"] == "plain 000000000000"


def test_a_failure_sends_the_logs_and_nothing_that_looks_like_a_result(tmp_path: Path) -> None:
    failure = ProgramError("time-limit", "It took too long.", "Be quicker.")
    result = StepResult(output(tmp_path), (program(Role.PROGRAM, "so far\n", code=9),), failure)
    heard = report(tmp_path, SCORING, result)
    assert heard.order == ["scoring_stdout", "PATCH"]
    assert {key: heard.status[key] for key in ("status", "outcome", "code", "hint", "status_details", "exit_code")} == {
        "status": "Failed",
        "outcome": "time-limit",
        "code": "time-limit",
        "hint": "Be quicker.",
        "status_details": "It took too long.",
        "exit_code": "9",
    }


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (UserError("archive-unsafe", "Unsafe."), "failed", "archive-unsafe"),
        (ProgramError("runtime-unavailable", "None."), "failed", "runtime-unavailable"),
        (InternalError("The server does not answer."), "infrastructure", "internal"),
        # A full disk of the worker is nobody's fault who takes part.
        (OutOfSpace("out-of-space", "Full."), "infrastructure", "internal"),
    ],
)
def test_trouble_is_the_fault_of_whoever_can_mend_it(error: PodiumError, outcome: str, code: str) -> None:
    heard = Heard()
    with tiny_server(heard.answer) as server, ServerClient(server.url, "t") as client:
        report_trouble(client, read_order(SCORING), error)
    assert (heard.status["status"], heard.status["outcome"], heard.status["code"]) == ("Failed", outcome, code)
