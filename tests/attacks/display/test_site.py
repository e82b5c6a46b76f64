"""Hostile people on a running site: what they write is shown as text, and what they send harms nothing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.attacks.archives.hostile_zips import HOSTILE as ARCHIVES
from tests.attacks.display.crawling import crawl, faults
from tests.attacks.display.hostile_text import ALL, FOR_FILE_NAMES, SCORER, SCRIPT, TERMINALS_OBEY
from tests.attacks.display.terminal import at_a_terminal
from tests.attacks.scoring.competition import hostile
from tests.running_site import PASSWORD, RunningSite, plain_environment, running_site
from tests.small_bundles import files_of, result, scored_by, small_bundle, write_zip

from podium.rules.errors import PodiumError
from podium.sdk.answers import SubmissionAnswer
from podium.sdk.client import PodiumClient

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("attacked-site") / "data") as site:
        yield site


@pytest.fixture(scope="module")
def organizer(site: RunningSite) -> Iterator[PodiumClient]:
    with site.client_of("organizer", admin=True) as client:
        yield client


@pytest.fixture(autouse=True)
def the_site_is_unharmed(site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> Iterator[None]:
    """The same processes serve and work afterwards, and an honest submission gets its score."""
    before = _lasting(site)
    yield
    folder = tmp_path / "honest"
    folder.mkdir()
    made = organizer.import_bundle(scored_by(folder), publish=True)
    sent = organizer.submit(organizer.competition(made.id).phases[0].id, result(folder, "0.5"))
    ended = organizer.wait(sent.id, lambda _: None)
    assert ended.status == "Finished", ended
    assert [float(score.score) for score in ended.scores] == [0.5]
    assert _lasting(site) == before


def _lasting(site: RunningSite) -> set[int]:
    """The processes of the site but the one that draws, which comes and goes."""
    drawing = {process.pid for process in site.processes("podium.server.charts.renderer")}
    return {process.pid for process in site.processes("-m")} - drawing


@contextmanager
def browser(site: RunningSite, name: str) -> Iterator[httpx.Client]:
    """Somebody who has signed in."""
    with httpx.Client(base_url=site.url, follow_redirects=True, timeout=60) as client:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/accounts/login/").text)
        assert found is not None
        form = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": found.group(1)}
        answer = client.post("/accounts/login/", data=form, headers={"Referer": site.url})
        assert "Sign out" in answer.text, answer.text
        yield client


@pytest.fixture(scope="module")
def written(
    site: RunningSite, organizer: PodiumClient, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, list[int]]:
    """A competition with hostile text wherever its organizer may write some, and submissions with it too."""
    folder = tmp_path_factory.mktemp("hostile")
    text = "".join(letter if letter.isprintable() else " " for letter in ALL)
    tree = small_bundle(
        folder / "bundle",
        scoring_program={"metadata.yaml": "command: python3 score.py $input $output", "score.py": SCORER},
        phase={"name": text[:100], "description": text},
        task={"name": text[:100], "description": text},
        top={
            "title": text[:120],
            "description": text,
            "registration_auto_approve": True,
            "enable_detailed_results": True,
            "show_detailed_results_in_leaderboard": True,
            "fact_sheet": {
                "method": {
                    "key": "method",
                    "type": "text",
                    "title": text[:100],
                    "is_required": "false",
                    "is_on_leaderboard": "true",
                    "selection": "",
                }
            },
            "leaderboards": [
                {
                    "title": text[:100],
                    "key": "main",
                    "submission_rule": "Force_Last",
                    "columns": [{"index": 0, "key": "accuracy", "title": text[:100]}],
                }
            ],
        },
    )
    for page in ("page.md", "terms.md"):
        (tree / page).write_text(text + "\n\n" + "\n\n".join(text.split(" ")))
    made = organizer.import_bundle(write_zip(folder / "bundle.zip", files_of(tree)), publish=True)
    phase = organizer.competition(made.id).phases[0].id
    ended: list[SubmissionAnswer] = []
    for value in ("0.25", "fail"):
        archive = write_zip(
            folder / f"{FOR_FILE_NAMES[:80]}.zip", {"value.txt": value, FOR_FILE_NAMES.replace("\x1b", ""): ALL}
        )
        sent = organizer.submit(phase, archive, description=ALL)
        ended.append(organizer.wait(sent.id, lambda _: None))
    assert [each.status for each in ended] == ["Finished", "Failed"], ended
    return made.id, [each.id for each in ended]


def test_pages(site: RunningSite, written: tuple[int, list[int]]) -> None:
    competition, submissions = written
    begin = [
        "/",
        f"/competitions/{competition}/",
        *(f"/submissions/{number}/" for number in submissions),
        "/my-work/",
        "/workers/",
    ]
    own = re.compile(
        rf"/(competitions/{competition}/|submissions/({'|'.join(map(str, submissions))})/|my-work/|workers/)"
    )
    looked = 0
    with browser(site, "organizer") as client:
        for address, answer in crawl(client, begin, lambda path: own.match(path) is not None):
            looked += 1
            # The picture of a hostile page is named x, and is nowhere.
            assert answer.status_code == (404 if address.endswith("/x") else 200), address
            assert faults(answer) == [], address
    # The pages of the competition, of both submissions, their logs and files.
    assert looked > 25


def test_answers_of_the_api(site: RunningSite, organizer: PodiumClient, written: tuple[int, list[int]]) -> None:
    competition, submissions = written
    headers = {"Authorization": f"Token {site.podium('token', 'create', 'organizer')}"}
    phase = organizer.competition(competition).phases[0].id
    with httpx.Client(base_url=site.url, headers=headers, timeout=60) as client:
        for address in (
            f"/api/competitions/{competition}/",
            f"/api/phases/{phase}/get_leaderboard/",
            *(f"/api/submissions/{number}/" for number in submissions),
            *(f"/api/submissions/{number}/get_details/" for number in submissions),
        ):
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert answer.headers["content-type"].startswith("application/json"), address
            assert answer.headers["x-content-type-options"] == "nosniff", address
            assert SCRIPT not in answer.headers.get("content-disposition", "")
            assert not any(part in answer.text for part in TERMINALS_OBEY if part != "\u202e" and ord(part[0]) < 32), (
                address
            )


def test_tables_to_be_opened_elsewhere(
    site: RunningSite, organizer: PodiumClient, written: tuple[int, list[int]]
) -> None:
    """A cell that begins like a formula is computed by the program that opens the table."""
    competition, _ = written
    phase = organizer.competition(competition).phases[0].id
    board = f"/competitions/{competition}/results/{phase}/{organizer.leaderboard(phase).id}/table"
    with browser(site, "organizer") as client:
        for ending in ("csv", "json", "tex", "md"):
            answer = client.get(f"{board}/{ending}/")
            assert answer.status_code == 200, ending
            assert faults(answer) == [], ending
            assert answer.headers["content-disposition"].startswith("attachment"), ending
            assert not any(part in answer.text for part in TERMINALS_OBEY if part not in "\r\u202e"), ending
        cells = [cell for row in csv.reader(client.get(f"{board}/csv/").text.splitlines()) for cell in row]
        assert cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]


def test_commands_at_a_terminal(site: RunningSite, written: tuple[int, list[int]], tmp_path: Path) -> None:
    competition, _ = written
    environment = {
        **plain_environment(),
        "TERM": "xterm",
        "PODIUM_SERVER": site.url,
        "PODIUM_TOKEN": site.podium("token", "create", "organizer"),
    }
    folder = tmp_path / "sent"
    folder.mkdir()
    failing = str(result(folder, "fail"))
    for arguments in (
        ["leaderboard", str(competition)],
        ["leaderboard", str(competition), "--json"],
        ["submit", str(competition), failing, "--wait", "--description", ALL.replace("\0", "")],
        ["export", str(competition), "-o", str(tmp_path / "exported.zip")],
    ):
        shown = at_a_terminal(arguments, environment)
        assert shown, arguments
        assert [part for part in TERMINALS_OBEY if part in shown] == [], arguments


def test_archives_sent_to_the_site(site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> None:
    """Each is refused at once, or fails as its sender's fault, once; none as ours."""
    folder = tmp_path / "echo"
    folder.mkdir()
    made = organizer.import_bundle(scored_by(folder), publish=True)
    phase = organizer.competition(made.id).phases[0].id
    path = tmp_path / "sent.zip"
    for name, archive in ARCHIVES.items():
        path.write_bytes(archive())
        try:
            sent = organizer.submit(phase, path)
        except PodiumError:
            continue
        ended = organizer.wait(sent.id, lambda _: None)
        assert ended.status == "Failed", (name, ended)
        assert "internal" not in str(ended.status_details).lower(), (name, ended)


@pytest.mark.parametrize(
    "metadata",
    [
        "command: " + "[" * 50_000,
        "{a: " * 12_000,
        "command: " + "x" * 50_000,
        "command: !!python/object/apply:os.system [id]",
    ],
    ids=["depth of lists", "depth of tables", "name beyond measure", "object of Python"],
)
def test_metadata_sent_to_the_site(organizer: PodiumClient, tmp_path: Path, metadata: str) -> None:
    folder = tmp_path / "echo"
    folder.mkdir()
    made = organizer.import_bundle(scored_by(folder), publish=True)
    archive = write_zip(tmp_path / "sent.zip", {"metadata.yaml": metadata, "value.txt": "0.5"})
    sent = organizer.submit(organizer.competition(made.id).phases[0].id, archive)
    ended = organizer.wait(sent.id, lambda _: None)
    assert ended.status in {"Failed", "Finished"}
    assert "isolate" not in str(ended.status_details)


def test_programs_that_look_for_the_site(site: RunningSite, organizer: PodiumClient, tmp_path: Path) -> None:
    """Programs under the site's own worker, which has tokens, a database and the site's port in its reach."""
    port = int(site.url.rpartition(":")[2])
    folder = tmp_path / "echo"
    folder.mkdir()
    made = organizer.import_bundle(scored_by(folder), publish=True)
    phase = organizer.competition(made.id).phases[0].id
    for program in ("network", "environment_and_descriptors", "engine_socket", "talk_to_the_worker", "host_files"):
        told = f"import os; os.environ['ATTACK_TARGETS'] = '[{port}]'\n" if program == "network" else ""
        told += f"import os; os.environ['ATTACK_TARGETS'] = '[\"{site.data}\"]'\n" if program == "host_files" else ""
        ending = "\nopen('/app/output/value.txt', 'w').write('0')\n"
        text = told + hostile(program).replace("raise SystemExit(3)", "") + ending
        archive = write_zip(tmp_path / "code.zip", {"metadata.yaml": "command: python3 program.py", "program.py": text})
        ended = organizer.wait(organizer.submit(phase, archive).id, lambda _: None)
        assert ended.status == "Finished", (program, ended)
        printed = log_of(site, ended.id)
        assert "done" in printed, (program, printed)
        assert "breach" not in printed, (program, printed)


def log_of(site: RunningSite, submission: int) -> str:
    """What the prediction step of a submission printed, as its page shows it."""
    with browser(site, "organizer") as client:
        logs = [
            answer.text
            for address, answer in crawl(
                client, [f"/submissions/{submission}/"], lambda path: f"submissions/{submission}/logs" in path
            )
            if "/logs/" in address
        ]
    assert logs
    return "\n".join(logs)
