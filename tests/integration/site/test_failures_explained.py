"""Every way to fail, on a site with its worker: one sentence with the cause, the end of the log, and what to do, which
is not the same for a participant and for whoever runs the competition."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.requirements_on_machine import require_program
from tests.running_site import PASSWORD, RunningSite, eventually, running_site
from tests.small_bundles import files_of, small_bundle, write_zip

from podium.sdk.client import PodiumClient

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.timeout(600)]

COMMAND = "command: python3 do.py"
# Programs of the organizer that do whatever the submission says: a table of submissions is a table of failures.
_DO_IT = "exec(compile(open(name).read(), 'do.py', 'exec'))\n"
SCORER = f"import sys\nsource, output = sys.argv[1:]\nname = source + '/res/do.py'\n{_DO_IT}"
INGESTION = f"output = '/app/output'\nname = '/app/ingested_program/do.py'\n{_DO_IT}"
LIMITS = {"memory": "150 MB", "output": "2 MiB", "log": "4 KiB"}

FOREVER = "print('working', flush=True)\nwhile True: pass"
HOG = "kept = 'x' * 400_000_000"
WRITES = "open(output + '/large', 'wb').write(b'x' * 8_000_000)"
PRINTS = "while True: print('again and again')"
EXITS = "import sys\nprint('the shape is wrong', file=sys.stderr)\nsys.exit(3)"
MISSES = "import nosuchpackage"
OLD = 'print "hello"'

COMPARE = "Compare your files with what the competition asks for; if they are right, tell the organizer"
TO_ORGANIZER = "If the log names one of your files, correct that; if it does not, tell the organizer"
NOTHING_HELPS = "Nothing that you send can change that: tell the organizer"


@dataclass(frozen=True)
class Case:
    """A submission of these files to a competition, and what is to be read: the sentence (a pattern), the advice to the
    participant and to the organizer, and something from the end of the log."""

    competition: str
    files: Mapping[str, str]
    sentence: str
    participant: str
    organizer: str
    log: str = ""


def scored(program: str, sentence: str, organizer: str, log: str = "", participant: str = COMPARE, **more: str) -> Case:
    return Case("scoring", {"do.py": program, **more}, sentence, participant, organizer, log)


def predicted(program: str, sentence: str, advice: str, log: str = "", command: str = COMMAND) -> Case:
    organizer = f"The program is the participant's, who is told: .*{advice}"
    return Case("code", {"metadata.yaml": command, "do.py": program}, sentence, advice, organizer, log)


def ingested(program: str, sentence: str, organizer: str, log: str = "") -> Case:
    return Case("ingestion", {"do.py": program}, sentence, TO_ORGANIZER, organizer, log)


CASES = {
    "scoring-time": scored(
        FOREVER, r"The scoring program .*time limit of 4 seconds", "execution_time_limit", "working"
    ),
    "scoring-memory": scored(HOG, r"The scoring program .*(143.1 MiB of memory|ran out of memory)", "limits"),
    "scoring-output": scored(WRITES, r"The scoring program .*more than 2 MiB or more than 10000 files", "limits"),
    "scoring-log": scored(PRINTS, r"The scoring program .*printed far more than the 4 KiB", "Print less", "again"),
    "scoring-exit": scored(
        EXITS, r"The scoring program ended with exit code 3: the shape is wrong", "log shows more", "shape is wrong"
    ),
    "scoring-package": scored(
        MISSES,
        r"The scoring program could not import 'nosuchpackage'",
        "do without",
        "ModuleNotFoundError",
        NOTHING_HELPS,
    ),
    "scoring-python-2": scored(
        OLD, r"The scoring program is written for Python 2", "print", "SyntaxError", NOTHING_HELPS
    ),
    "scoring-on-your-file": scored(
        "float(open(source + '/res/answer.csv').read())",
        r"The scoring program ended with exit code 1: ValueError: could not convert string to float: 'seven'",
        "log shows more",
        "ValueError",
        **{"answer.csv": "seven"},
    ),
    "scores-missing": scored("pass", r"wrote neither scores.json nor scores.txt. It wrote nothing", "/app/output"),
    "scores-bad": scored(
        "open(output + '/scores.json', 'w').write('{\"accuracy\": \"many\"}')",
        r"The scoring program .*'accuracy' is the text 'many'",
        "Write it as a number",
    ),
    "scores-nan": scored(
        "open(output + '/scores.txt', 'w').write('accuracy: nan')",
        r"The scoring program .*'accuracy' is not a finite number",
        "Leave the score out",
    ),
    "prediction-time": predicted(FOREVER, r"The submission .*time limit of 4 seconds", "longer time limit", "working"),
    "prediction-memory": predicted(HOG, r"The submission .*(143.1 MiB of memory|ran out of memory)", "Load less"),
    "prediction-output": predicted(
        f"output = '/app/output'\n{WRITES}", r"The submission .*more than 2 MiB", "Write only what is needed"
    ),
    "prediction-log": predicted(PRINTS, r"The submission .*printed far more", "Print less", "again"),
    "prediction-exit": predicted(EXITS, r"The submission ended with exit code 3: the shape", "log", "shape is wrong"),
    "prediction-signal": predicted(
        "import os\nos.kill(os.getpid(), 11)", r"The submission was ended by the signal SIGSEGV", "log shows more"
    ),
    "prediction-package": predicted(MISSES, r"The submission could not import 'nosuchpackage'", "do without", "Module"),
    "prediction-python-2": predicted(OLD, r"The submission is written for Python 2", "print", "SyntaxError"),
    "prediction-not-found": predicted(
        "",
        r"The submission cannot run: there is no program './nothing'",
        "Correct the command",
        "",
        "command: ./nothing",
    ),
    "prediction-no-command": Case(
        "code",
        {"metadata.yaml": "description: mine"},
        r"The metadata file of the submission names no command",
        "command:",
        "command:",
    ),
    "prediction-open-quotation": predicted(
        "", r"The submission cannot run. .*quotation", "Close the quotation", "", 'command: "python3 \'do.py"'
    ),
    "ingestion-exit": ingested(
        EXITS, r"The ingestion program ended with exit code 3: the shape", "log", "shape is wrong"
    ),
    "ingestion-time": ingested(FOREVER, r"The ingestion program .*time limit of 4", "execution_time_limit", "working"),
    "ingestion-no-command": Case(
        "mute-ingestion", {"do.py": ""}, r"The ingestion program cannot run: .*no command", NOTHING_HELPS, "command:"
    ),
    "scoring-no-command": Case(
        "mute-scoring", {"a": ""}, r"The scoring program cannot run: .*no command", NOTHING_HELPS, "command:"
    ),
    "scoring-not-found": Case(
        "lost-scoring",
        {"a": ""},
        r"The scoring program cannot run: there is no program './nothing'",
        NOTHING_HELPS,
        "Corr",
    ),
    "image": Case(
        "image", {"a": ""}, r"no runtime for the Docker image 'nowhere/none'", NOTHING_HELPS, "ask the administrator"
    ),
}
HIDDEN = Case("hidden", {"do.py": EXITS}, r"The scoring program ended with exit code 3", "organizer", "log shows more")
"""In a competition that keeps all output from participants."""


@dataclass
class Stage:
    """A site where everything of the table has happened."""

    site: RunningSite
    anna: PodiumClient
    otto: PodiumClient
    folder: Path
    sent: dict[str, int] = field(default_factory=dict)
    browsers: dict[str, httpx.Client] = field(default_factory=dict)

    def page(self, name: str, submission: int) -> str:
        """The submission's page as a person reads it."""
        answer = self.browsers[name].get(f"/submissions/{submission}/")
        assert answer.status_code == 200
        return unescape(answer.text)

    def api(self, name: str, submission: int) -> dict[str, Any]:
        """The submission by the API."""
        answer: dict[str, Any] = self.browsers[name].get(f"/api/submissions/{submission}/").json()
        return answer


def bundle(folder: Path, name: str) -> Path:
    ingestion: Mapping[str, str] | None = None
    scoring = {"metadata.yaml": "command: python3 score.py $input $output", "score.py": SCORER}
    if name == "mute-scoring":
        scoring = {"metadata.yaml": "description: scores"}
    if name == "lost-scoring":
        scoring = {"metadata.yaml": "command: ./nothing"}
    if name == "ingestion":
        ingestion = {"metadata.yaml": "command: python3 ingest.py", "ingest.py": INGESTION}
    if name == "mute-ingestion":
        ingestion = {"metadata.yaml": "description: ingests"}
    tree = small_bundle(
        folder / name,
        scoring_program=scoring,
        ingestion_program=ingestion,
        phase={"execution_time_limit": 4, "max_submissions_per_day": 100, "hide_output": name == "hidden"},
        columns=({"key": "accuracy", "title": "Accuracy", "index": 0},),
        top={"title": name, "registration_auto_approve": True, "podium": {"limits": LIMITS}},
    )
    return write_zip(folder / f"{name}.zip", files_of(tree))


def signed_in(site: RunningSite, name: str) -> httpx.Client:
    browser = httpx.Client(base_url=site.url, follow_redirects=True, timeout=60)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/accounts/login/").text)
    assert found
    form = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": found.group(1)}
    assert browser.post("/accounts/login/", data=form, headers={"Referer": site.url}).status_code == 200
    return browser


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    require_program("bwrap", "bubblewrap")
    folder = tmp_path_factory.mktemp("failures")
    environment = {"PODIUM_UNKNOWN_IMAGE": "refuse"}
    with (
        running_site(folder / "data", environment=environment) as site,
        site.client_of("otto") as otto,
        site.client_of("anna") as anna,
    ):
        made = Stage(site, anna, otto, folder)
        phases = {}
        cases = {**CASES, "hidden": HIDDEN}
        for name in dict.fromkeys(case.competition for case in cases.values()):
            source = "scoring" if name in {"code", "image"} else name
            (folder / name).mkdir()
            competition = otto.import_bundle(bundle(folder / name, source), publish=True).id
            anna.join(competition)
            phases[name] = anna.competition(competition).phases[0].id
            if name == "image":
                # An administrator changed after the import what images the site takes.
                with closing(sqlite3.connect(site.data / "podium.sqlite3", timeout=30)) as database:
                    database.execute(
                        "UPDATE competitions_competition SET docker_image = 'nowhere/none' WHERE id = ?", (competition,)
                    )
                    database.commit()
        for name, case in cases.items():
            archive = write_zip(folder / f"{name}.submission.zip", case.files)
            made.sent[name] = anna.submit(phases[case.competition], archive).id
        made.browsers = {name: signed_in(site, name) for name in ("anna", "otto")}
        yield made
        for browser in made.browsers.values():
            browser.close()


@pytest.mark.parametrize("name", CASES)
def test_a_failure_is_explained(stage: Stage, name: str) -> None:
    case, submission = CASES[name], stage.sent[name]
    ended = stage.anna.wait(submission, lambda _: None)
    assert ended.status == "Failed"
    assert re.search(case.sentence, ended.status_details or ""), ended.status_details
    assert "\n" not in (ended.status_details or "")
    assert re.search(case.participant, ended.hint), ended.hint
    assert not stage.api("anna", submission)["internal_failure"]
    assert re.search(case.organizer, stage.api("otto", submission)["hint"])
    for person in ("anna", "otto"):
        page = stage.page(person, submission)
        assert re.search(case.sentence, page)
        assert stage.api(person, submission)["hint"] in page
        # The log that tells stands open.
        shown = re.findall(r"<details class=\"log\"[^>]* open>.*?<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
        assert case.log in "".join(shown)


def test_a_failure_of_a_program_whose_output_is_hidden_is_explained_to_the_organizer_alone(stage: Stage) -> None:
    submission = stage.sent["hidden"]
    ended = stage.anna.wait(submission, lambda _: None)
    assert ended.status_details == "The scoring step failed. The organizer keeps its output from participants."
    assert ended.hint == "Ask the organizer for the reason."
    told = stage.api("otto", submission)
    assert re.search(HIDDEN.sentence, told["status_details"])
    assert re.search(HIDDEN.organizer, told["hint"])
    assert "the shape is wrong" in stage.page("otto", submission)
    assert "the shape is wrong" not in stage.page("anna", submission)


@pytest.mark.parametrize("competition", ["scoring", "code"])
def test_podium_run_explains_the_same_failures_alike(stage: Stage, competition: str) -> None:
    # What takes its whole time limit, or on a busy machine nearly that, is left out.
    slow = ("-time", "-memory")
    cases = {name: case for name, case in CASES.items() if case.competition == competition and not name.endswith(slow)}
    submissions = [part for name in cases for part in ("-s", str(stage.folder / f"{name}.submission.zip"))]
    bundle = stage.folder / competition / "scoring.zip"
    done = stage.site.run("run", str(bundle), *submissions, "--json")
    assert done.returncode == 1, done.stderr
    (board,) = json.loads(done.stdout)
    found = {entry["name"].removesuffix(".submission"): entry["problems"][0] for entry in board["entries"]}
    assert found.keys() == cases.keys()
    for name, case in cases.items():
        assert re.search(case.sentence, found[name]["message"]), (name, found[name])
        # Whoever runs a bundle here wrote the programs of both sides: what to do is what their writers are told.
        advice = case.organizer if competition == "scoring" else case.participant
        assert re.search(advice, found[name]["hint"]), (name, found[name])


def test_what_cannot_be_fetched_is_the_sites_failure(stage: Stage, tmp_path: Path) -> None:
    phase = stage.anna.submission(stage.sent["scoring-time"]).phase
    # Nobody else has sent these bytes, so that no worker has them either.
    content = {"do.py": "import time\ntime.sleep(3)", "mine": "gone"}
    # The first holds the one slot until the file of the second is gone.
    stage.anna.submit(phase, write_zip(tmp_path / "first.zip", {"do.py": "import time\ntime.sleep(3.5)"}))
    archive = write_zip(tmp_path / "second.zip", content)
    submission = stage.anna.submit(phase, archive).id
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    (blob,) = [path for path in (stage.site.data / "blobs").rglob("*") if path.name.startswith(sha256)]
    blob.unlink()
    ended = stage.anna.wait(submission, lambda _: None)
    assert ended.status == "Failed"
    assert "This site failed to run your submission 3 times. " in (ended.status_details or "")
    assert "Fetching" in (ended.status_details or "")
    assert "not your fault" in ended.hint
    assert stage.api("anna", submission)["internal_failure"]
    page = stage.page("anna", submission)
    assert "does not count against" in page
    assert "Attempt 3" in page


def test_a_worker_that_is_lost_three_times_is_the_sites_failure(stage: Stage, tmp_path: Path) -> None:
    phase = stage.anna.submission(stage.sent["scoring-time"]).phase
    submission = stage.anna.submit(phase, write_zip(tmp_path / "long.zip", {"do.py": FOREVER})).id
    for attempt in ("1", "2", "3"):
        runs = partial(_works_on, stage, submission, attempt)
        eventually(runs, f"attempt {attempt} runs")
        (worker,) = stage.site.processes("podium.worker")[:1]
        worker.kill()
        worker.wait(30)
    ended = stage.anna.wait(submission, lambda _: None)
    assert ended.status == "Failed"
    assert "This site failed to run your submission 3 times. Worker " in (ended.status_details or "")
    assert "not your fault" in ended.hint
    assert "Attempt 3" in stage.page("anna", submission)


def _works_on(stage: Stage, submission: int, attempt: str) -> bool:
    """Whether that attempt is worked on, not only waited for."""
    command = """
        SELECT attempt.number FROM submissions_attempt attempt
        JOIN submissions_run run ON run.id = attempt.run_id
        WHERE run.submission_id = ? AND attempt.outcome = ''
    """
    with closing(sqlite3.connect(stage.site.data / "podium.sqlite3", timeout=30)) as database:
        return [str(number) for (number,) in database.execute(command, (submission,))] == [attempt]


def test_a_cancelled_submission_says_so(stage: Stage, tmp_path: Path) -> None:
    phase = stage.anna.submission(stage.sent["scoring-time"]).phase
    archive = write_zip(tmp_path / "long.zip", {"do.py": "import time\ntime.sleep(3)"})
    submission = stage.anna.submit(phase, archive).id
    token = stage.browsers["anna"].cookies["csrftoken"]
    form = {"do": "cancel", "csrfmiddlewaretoken": token}
    answer = stage.browsers["anna"].post(f"/submissions/{submission}/", data=form, headers={"Referer": stage.site.url})
    assert answer.status_code == 200
    eventually(lambda: stage.anna.submission(submission).status == "Cancelled", "it is cancelled")
    assert "Cancelled" in stage.page("anna", submission)
