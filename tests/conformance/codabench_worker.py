"""A worker that says, request for request and in its order, what a worker of Codabench v1.25 says.

It is given the run arguments of the contract and nothing else. What its programs would do is told by the test; the
names of its messages, their order, their encodings and their headers are those of section 2.4 of the contract.
"""

from __future__ import annotations

import hashlib
import io
import json
import urllib.request
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from tests.small_bundles import zipped
from websockets.sync.client import connect

Message = tuple[str, Callable[[], httpx.Response]]


@dataclass(frozen=True)
class Played:
    """What the programs of a step do. `pages` are the versions of its detailed results, one after the other."""

    out: str = ""
    err: str = ""
    exit_code: int = 0
    output: Mapping[str, bytes] = field(default_factory=dict)
    scores: Mapping[str, float] | None = None
    pages: Sequence[bytes] = ()
    ingestion_out: str = ""
    ingestion_exit_code: int | None = None


def in_order(messages: list[Message]) -> list[Message]:
    """As the worker sends them."""
    return messages


def twice(messages: list[Message]) -> list[Message]:
    """Each one, and once more."""
    return [message for message in messages for _ in range(2)]


class CodabenchWorker:
    """One job of such a worker. `sent` are the names of its messages so far, `answers` the statuses that it got.

    `arranged` changes the order and the number of what it sends at the end of a step.
    """

    def __init__(
        self,
        run_args: Mapping[str, Any],
        *,
        host: str = "gpu-7",
        arranged: Callable[[list[Message]], list[Message]] = in_order,
    ) -> None:
        self._args = run_args
        self._host = host
        self._arranged = arranged
        self.sent: list[str] = []
        self.answers: list[int] = []
        self.read: dict[str, list[str]] = {}

    @property
    def _step(self) -> str:
        return "scoring" if self._args["is_scoring"] else "prediction"

    # Its programs.

    def do(self, played: Played) -> None:
        """The whole job."""
        self.prepare()
        self._run_programs(played)
        if self._args["is_scoring"]:
            self._end_scoring(played)
        else:
            self._end_prediction(played)

    def run_out_of_time(self, played: Played) -> None:
        """The whole job of programs that do not end: their logs are lost."""
        self.prepare()
        self._stream("program", played.out)
        said = f"Execution Time Limit exceeded. Limit was {self._args['execution_time_limit']} seconds"
        self._trouble("Execution_Time_Limit_Exceeded", said)
        self._stream("error_logs", said, kind="stderr")
        self.fail(said)

    def find_no_image(self, why: str) -> None:
        """The whole job where the image cannot be pulled."""
        self.prepare()
        self._trouble("Docker_Image_Pull_Fail", why)
        self._stream("error_logs", why, kind="stderr")
        self.fail(f"Pull for {self._args['docker_image']} failed! Check the logs for more information")

    def fetch_nothing(self) -> None:
        """The whole job where an input cannot be fetched."""
        self._begin()
        self.fail(f"Problem fetching {self._args['program_data']} to put in program")

    # What it says on the way.

    def _begin(self) -> None:
        about = "scoring" if self._args["is_scoring"] else "ingestion"
        self._status("Running", f"{about}_hostname-{self._host}")
        if not self._args["is_scoring"]:
            self._status("Preparing")

    def prepare(self) -> None:
        """Say that it begins, and fetch everything."""
        self._begin()
        names = ["program_data", "ingestion_program", "input_data", "reference_data"]
        if self._args["is_scoring"]:
            names.append("prediction_result")
        for name in names:
            if self._args.get(name) is None:
                continue
            content = self._get(name)
            if name == "program_data" and not self._args["is_scoring"]:
                self._patch("md5", {"md5": hashlib.md5(content, usedforsecurity=False).hexdigest()})

    def _run_programs(self, played: Played) -> None:
        self._stream("program", played.out)
        if played.err:
            # The server knows a stream of errors; this worker sends it as the program's.
            self._stream("program", played.err)
        if played.ingestion_out:
            self._stream("ingestion", played.ingestion_out)
        for page in played.pages:
            self._put("detailed_results_url", page, "text/html")
            with connect(self._socket("detailed_results")) as socket:
                socket.send(json.dumps({"kind": "detailed_result_update"}))
        logs = {"stdout": played.out, "stderr": played.err, "ingestion_stdout": played.ingestion_out}
        for name, text in logs.items():
            if text:
                self._put(f"{self._step}_{name}", text.encode())

    def _end_prediction(self, played: Played) -> None:
        result = zipped({**played.output, "metadata": _metadata(played)})
        self.send_all(
            [
                ("Scoring", lambda: self.told({"status": "Scoring"})),
                ("prediction_result", lambda: self.stored("prediction_result", result)),
            ]
        )

    def _end_scoring(self, played: Played) -> None:
        if played.exit_code:
            self._status("Failed", f"program_rc={played.exit_code}, async=[None, None, None]")
            self.fail("Child task failed or non-zero return code")
            return
        if played.scores is None:
            self._status("Finished")
            self.fail("Could not find scores file, did the scoring program output it?")
            return
        result = zipped({**played.output, "metadata": _metadata(played)})
        self.send_all(
            [
                ("Finished", lambda: self.told({"status": "Finished"})),
                ("scores", lambda: self.scored(played.scores or {})),
                ("scoring_result", lambda: self.stored("scoring_result", result)),
            ]
        )

    def send_all(self, messages: list[Message]) -> None:
        """Send these, as they are to be arranged."""
        for name, send in self._arranged(messages):
            self._note(name, send())

    # Its words.

    def _status(self, status: str, details: str | None = None) -> None:
        fields = {"status": status} | ({} if details is None else {"status_details": details})
        self._patch(status, fields)

    def _trouble(self, kind: str, message: str) -> None:
        self._patch(kind, {"type": kind, "error_message": message, "is_scoring": str(self._args["is_scoring"])})

    def fail(self, details: str) -> None:
        """Say that it failed."""
        self._status("Failed", details)

    def _patch(self, name: str, fields: Mapping[str, str]) -> None:
        self._note(name, self.told(fields))
        # What is not exactly 200 makes it give up.
        assert self.answers[-1] == 200, (name, self.answers)

    def told(self, fields: Mapping[str, str]) -> httpx.Response:
        """The answer to these fields of a status."""
        url = f"{self._args['submissions_api_url']}/submissions/{self._args['id']}/"
        return _send("PATCH", url, data={**fields, "secret": self._args["secret"]})

    def scored(self, scores: Mapping[str, float]) -> httpx.Response:
        """The answer to scores."""
        url = f"{self._args['submissions_api_url']}/upload_submission_scores/{self._args['id']}/"
        return _send("POST", url, json={"secret": self._args["secret"], "scores": dict(scores)})

    def _get(self, name: str) -> bytes:
        with urllib.request.urlopen(self._args[name], timeout=60) as answer:
            content: bytes = answer.read()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.read[name] = archive.namelist()
        self.sent.append(f"GET {name}")
        return content

    def _put(self, name: str, content: bytes, kind: str = "application/zip") -> None:
        self._note(name, self.stored(name, content, kind))

    def stored(self, name: str, content: bytes, kind: str = "application/zip") -> httpx.Response:
        """The answer to a file."""
        headers = {"x-ms-blob-type": "BlockBlob", "x-ms-version": "2018-03-28", "Content-Type": kind}
        return _send("PUT", self._args[name], content=content, headers=headers)

    def _stream(self, about: str, text: str, *, kind: str = "") -> None:
        with connect(self._socket(about)) as socket:
            for line in text.splitlines(keepends=True):
                socket.send(json.dumps({"kind": kind or about, "message": line}))
        self.sent.append(f"socket {about}")

    def _socket(self, about: str) -> str:
        api = urlsplit(self._args["submissions_api_url"])
        scheme = "ws" if api.scheme == "http" else "wss"
        who = f"{self._args['user_pk']}/{self._args['id']}/{self._args['secret']}"
        return f"{scheme}://{api.netloc}/submission_input/{who}/?kind={about}"

    def _note(self, name: str, answer: httpx.Response) -> None:
        self.sent.append(name)
        self.answers.append(answer.status_code)


def _send(method: str, url: str, **arguments: Any) -> httpx.Response:
    return httpx.request(method, url, timeout=60, follow_redirects=True, **arguments)


def _metadata(played: Played) -> bytes:
    ingestion = "null" if played.ingestion_exit_code is None else played.ingestion_exit_code
    lines = (
        f"elapsedTime: 1.5\nexitCode: {played.exit_code}\ningestionElapsedTime: null\ningestionExitCode: {ingestion}\n"
    )
    return lines.encode()
