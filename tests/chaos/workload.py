"""What people send while everything goes wrong, and what has to become of it."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx
from tests.small_bundles import ECHO, files_of, small_bundle, write_zip, zipped

from podium.rules.errors import UserError
from podium.sdk.client import PodiumClient
from podium.sdk.submissions import TERMINAL

TIME_LIMIT_S = 5
_PAUSE_S = 0.4
_AGAIN_S = 0.3
_ENDLESS = "import time\nwhile True:\n    time.sleep(1)\n"
_BROKEN = "raise SystemExit(3)\n"


@dataclass(frozen=True)
class Kind:
    """A kind of submission: what is in it for a value, how often it is sent, and how it has to end."""

    name: str
    share: int
    status: str = "Finished"
    code: str = ""
    program: str = ""
    """The text of the program; `VALUE` stands for the value. Empty: the value itself is sent."""
    tasks: int = 1
    cancelled: bool = False

    def files(self, value: str, mark: str) -> dict[str, str]:
        """The files of a submission; its programs carry `mark` in their command."""
        if not self.program:
            return {"value.txt": value}
        command = f"command: python3 program.py $output {mark}"
        return {"metadata.yaml": command, "program.py": self.program.replace("VALUE", value)}


_CODE = "import sys\nopen(sys.argv[1] + '/value.txt', 'w').write('VALUE')\n"

KINDS = (
    Kind("result", 112),
    Kind("code", 20, program=_CODE),
    Kind("two tasks", 25, tasks=2),
    Kind("code on two tasks", 8, program=_CODE, tasks=2),
    Kind("no number", 10, status="Failed", code="scores-invalid"),
    Kind("broken code", 8, status="Failed", code="exit-code", program=_BROKEN),
    Kind("endless", 5, status="Failed", code="time-limit", program=_ENDLESS),
    Kind("cancelled", 12, status="Cancelled", program=_ENDLESS, cancelled=True),
)
"""200 in all."""


@dataclass
class Sent:
    """A submission as its sender knows it. `cancelled` is what the site answered to that."""

    kind: Kind
    value: float
    description: str
    id: int | None = None
    cancelled: bool | None = None


def planned(chance: random.Random, people: Sequence[str], part: int = 1) -> dict[str, list[Sent]]:
    """All submissions or a part of each kind, dealt out to people, each with a value of its own."""
    kinds = [kind for kind in KINDS for _ in range(-(-kind.share // part))]
    chance.shuffle(kinds)
    values = chance.sample(range(1, 10_000), len(kinds))
    dealt: dict[str, list[Sent]] = {name: [] for name in people}
    for number, (kind, value) in enumerate(zip(kinds, values, strict=True)):
        dealt[people[number % len(people)]].append(Sent(kind, value / 10_000, f"number {number}"))
    return dealt


def write_bundle(folder: Path, mark: str, *, tasks: int) -> Path:
    """A competition of so many tasks that gives what a submission says as its accuracy; the best one counts."""
    columns = [{"index": 0, "key": "accuracy", "title": "Accuracy"}]
    tree = small_bundle(
        folder / f"bundle-{tasks}",
        scoring_program={"metadata.yaml": f"command: python3 score.py $input $output {mark}", "score.py": _ECHO},
        truths=("a",) * tasks,
        phase={"execution_time_limit": TIME_LIMIT_S, "max_submissions": 1000, "max_submissions_per_day": 1000},
        top={
            "registration_auto_approve": True,
            "leaderboards": [
                {"title": "Results", "key": "results", "submission_rule": "Force_Best", "columns": columns}
            ],
        },
    )
    return write_zip(folder / f"bundle-{tasks}.zip", files_of(tree))


_ECHO = ECHO.replace("source, target = sys.argv[1:]", "source, target = sys.argv[1:3]")


class Sender:
    """One person who takes part and sends submissions, patiently: what the site did not take is sent again, but nothing
    twice. `competitions` is where to, by the number of tasks."""

    def __init__(
        self, url: str, token: str, competitions: Mapping[int, int], folder: Path, mark: str, seed: int
    ) -> None:
        self._url = url
        self._token = token
        self._folder = folder
        self._mark = mark
        self._chance = random.Random(seed)
        self._client = PodiumClient(url, token)
        self._competitions = tuple(competitions.values())
        self._phases: dict[int, int] = {}
        for tasks, competition in competitions.items():
            self._client.join(competition)
            self._phases[tasks] = self._client.competition(competition).phases[0].id

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.__exit__(None, None, None)

    def send_all(self, submissions: Sequence[Sent]) -> None:
        """Send them one after the other; those that are to be cancelled are, a little later."""
        for sent in submissions:
            sent.id = self._sent(sent)
            if sent.kind.cancelled:
                time.sleep(self._chance.uniform(0, 2 * _PAUSE_S))
                sent.cancelled = self._cancelled(sent.id)
            time.sleep(self._chance.uniform(0, 2 * _PAUSE_S))

    def all_ended(self) -> bool:
        """Whether everything that this person sent has ended."""
        return all(row["status"] in TERMINAL for row in self._asked("GET", "submissions/").json())

    def used(self) -> dict[int, int]:
        """How many submissions to each phase count against its limit, where any does."""
        found = {}
        for competition in self._competitions:
            (phase,) = self._asked("GET", f"competitions/{competition}/").json()["phases"]
            found[phase["id"]] = phase["used_submissions_per_person"]
        return {phase: count for phase, count in found.items() if count}

    def _sent(self, sent: Sent) -> int:
        phase = self._phases[sent.kind.tasks]
        value = "much" if sent.kind.code == "scores-invalid" else str(sent.value)
        archive = self._folder / f"{sent.description}.zip"
        archive.write_bytes(zipped(sent.kind.files(value, self._mark)))
        while True:
            try:
                return self._client.submit(phase, archive, description=sent.description).id
            except UserError as error:
                print(f"{sent.description}: {error}")
                time.sleep(_AGAIN_S)
            # The answer may be what was lost.
            found = self._found(phase, sent.description)
            if found is not None:
                return found

    def _found(self, phase: int, description: str) -> int | None:
        rows = self._asked("GET", f"submissions/?phase={phase}").json()
        return next((row["id"] for row in rows if row["description"] == description), None)

    def _cancelled(self, submission_id: int) -> bool:
        answered: bool = self._asked("POST", f"submissions/{submission_id}/cancel_submission/").json()["canceled"]
        return answered

    def _asked(self, method: str, path: str) -> httpx.Response:
        while True:
            try:
                answer = httpx.request(
                    method, f"{self._url}/api/{path}", headers={"Authorization": f"Token {self._token}"}, timeout=60
                )
                if answer.is_success:
                    return answer
                print(f"{method} {path} gave {answer.status_code}: {answer.text[:200]}")
            except httpx.HTTPError as error:
                print(f"{method} {path}: {error!r}")
            time.sleep(_AGAIN_S)
