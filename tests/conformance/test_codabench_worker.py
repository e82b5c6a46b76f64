"""Workers of Codabench are served as they are: whatever happens to a job, its submission ends as it should, once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conformance.codabench_worker import CodabenchWorker, Message, Played, in_order, twice
from tests.integration.live.conftest import QuietSite, quiet_site
from tests.small_bundles import files_of, small_bundle, write_zip

pytestmark = pytest.mark.slow

CODE = {"metadata.yaml": "command: python3 predict.py", "predict.py": "print(1)"}
RESULT = {"answer.txt": "a b c d"}
SCORED = Played(
    out="epoch 1\nepoch 2\n",
    err="careful\n",
    output={"scores.json": b"{}"},
    scores={"share": 0.75, "right": 3.0},
    pages=(b"<p>half</p>", b"<p>whole</p>"),
)
PREDICTED = Played(out="predicting\n", output={"answer.txt": b"a b c d"})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuietSite]:
    """A site without a worker of ours."""
    with quiet_site(tmp_path_factory.mktemp("codabench")) as made:
        yield made


def begin(site: QuietSite, folder: Path, files: dict[str, str], tasks: int = 1) -> int:
    """Import a competition with so many tasks and submit the files to it; the submission's id."""
    truths = tuple("a b c d" for _ in range(tasks))
    tree = small_bundle(
        folder / "bundle",
        truths=truths,
        phase={"execution_time_limit": 60},
        top={"registration_auto_approve": True, "enable_detailed_results": True},
    )
    with site.client() as client:
        made = client.import_bundle(write_zip(folder / "bundle.zip", files_of(tree)), publish=True)
        sent = write_zip(folder / "sent.zip", files)
        return client.submit(client.competition(made.id).phases[0].id, sent).id


def claim(site: QuietSite, slot: int = 0) -> dict[str, Any]:
    """The run arguments of the next job; this stands for what a broker would bring."""
    with site.worker() as worker:
        answer = worker.post("/live/worker/claim", json={"slot": slot, "wait_s": 20})
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = answer.json()
    return order


def asked(site: QuietSite, path: str) -> Any:
    answer = httpx.get(f"{site.far.url}/api/{path}", headers={"Authorization": f"Token {site.token}"}, timeout=60)
    answer.raise_for_status()
    return answer.json()


def ended(site: QuietSite, submission: int) -> dict[str, Any]:
    found: dict[str, Any] = asked(site, f"submissions/{submission}/")
    assert found["ended"], found
    return found


def scores_of(found: dict[str, Any]) -> list[tuple[str, float]]:
    return [(score["column_key"], score["value"]) for score in found["scores"]]


def logs_of(site: QuietSite, submission: int) -> dict[str, str]:
    details = asked(site, f"submissions/{submission}/get_details/")
    read = {log["name"]: log["data_file"] for log in details["logs"] if log["data_file"]}
    return {
        name: httpx.get(link, follow_redirects=True, headers={"Authorization": f"Token {site.token}"}).text
        for name, link in read.items()
    }


def backwards(messages: list[Message]) -> list[Message]:
    return messages[::-1]


def backwards_and_twice(messages: list[Message]) -> list[Message]:
    return twice(messages[::-1]) + messages


ARRANGEMENTS = [in_order, twice, backwards, backwards_and_twice]
Arrangement = Callable[[list[Message]], list[Message]]


@pytest.mark.parametrize("arranged", ARRANGEMENTS)
def test_a_result_is_scored_once(site: QuietSite, tmp_path: Path, arranged: Arrangement) -> None:
    made = begin(site, tmp_path, RESULT)
    order = claim(site)
    assert order["id"] == made
    worker = CodabenchWorker(order, arranged=arranged)
    worker.do(SCORED)
    assert worker.read["prediction_result"] == ["answer.txt"]
    assert set(worker.answers) == {200}
    found = ended(site, made)
    assert (found["status"], scores_of(found)) == ("Finished", [("share", 0.75), ("right", 3.0)])
    assert [attempt["host"] for attempt in found["attempts"]] == ["gpu-7"]
    logs = logs_of(site, made)
    assert (logs["scoring_stdout"], logs["scoring_stderr"]) == ("epoch 1\nepoch 2\n", "careful\n")
    page = asked(site, f"submissions/{made}/get_details/")["detailed_result"]
    assert httpx.get(page, follow_redirects=True, headers={"Authorization": f"Token {site.token}"}).text == (
        "<p>whole</p>"
    )


@pytest.mark.parametrize("arranged", ARRANGEMENTS)
def test_code_is_predicted_and_scored(site: QuietSite, tmp_path: Path, arranged: Arrangement) -> None:
    made = begin(site, tmp_path, CODE)
    worker = CodabenchWorker(claim(site), arranged=arranged)
    worker.do(PREDICTED)
    assert worker.sent[:4] == ["Running", "Preparing", "GET program_data", "md5"]
    scoring = claim(site)
    assert (scoring["id"], scoring["is_scoring"]) == (made, True)
    second = CodabenchWorker(scoring, host="gpu-8", arranged=arranged)
    second.do(SCORED)
    assert second.read["prediction_result"] == ["answer.txt", "metadata"]
    found = ended(site, made)
    assert (found["status"], scores_of(found)) == ("Finished", [("share", 0.75), ("right", 3.0)])
    assert [attempt["host"] for attempt in found["attempts"]] == ["gpu-7", "gpu-8"]
    assert found["md5"] == hashlib.md5((tmp_path / "sent.zip").read_bytes(), usedforsecurity=False).hexdigest()
    assert logs_of(site, made)["prediction_stdout"] == "predicting\n"


def test_a_job_with_a_place_says_where_it_runs_and_is_not_lost_without_signs_of_life(
    site: QuietSite, tmp_path: Path
) -> None:
    made = begin(site, tmp_path, CODE)
    order = claim(site)
    worker = CodabenchWorker(order)
    worker.prepare()
    found = asked(site, f"submissions/{made}/")
    wait = found["waits"][0]
    assert (wait["for"], wait["host"], found["status"]) == ("program", "gpu-7", "Running")
    assert wait["message"].startswith("The prediction step runs on worker ")
    assert "(gpu-7)" in wait["message"]
    # It sends no heartbeats: its lease holds for the time limit of 60 s and half an hour.
    renewed = httpx.post(f"{site.near.url}/live/worker/renew", json={"id": made, "secret": order["secret"]})
    assert renewed.status_code == 204
    assert wait["until"] is not None
    worker.fail("Enough.")
    assert ended(site, made)["status_details"] == "Enough."


@pytest.mark.parametrize("arranged", [in_order, twice, backwards])
def test_every_task_is_run_and_scored(site: QuietSite, tmp_path: Path, arranged: Arrangement) -> None:
    made = begin(site, tmp_path, RESULT, tasks=2)
    children = asked(site, f"submissions/{made}/")["children"]
    orders = [claim(site, slot) for slot in range(2)]
    assert sorted(order["id"] for order in orders) == sorted(children)
    for order in orders:
        CodabenchWorker(order, arranged=arranged).do(SCORED)
    found = ended(site, made)
    assert found["status"] == "Finished"
    assert [scores_of(ended(site, child)) for child in children] == [[("share", 0.75), ("right", 3.0)]] * 2


FAILURES: list[tuple[str, dict[str, str], Callable[[CodabenchWorker], None], str, str]] = [
    (
        "exit code",
        RESULT,
        lambda worker: worker.do(Played(err="no such key\n", exit_code=3)),
        "exit-code",
        "The scoring program ended with exit code 3.",
    ),
    (
        "no scores",
        RESULT,
        lambda worker: worker.do(Played(out="done\n")),
        "scores-missing",
        "The scoring program ended well but wrote neither scores.json nor scores.txt.",
    ),
    (
        "time",
        RESULT,
        lambda worker: worker.run_out_of_time(Played(out="epoch 1\n")),
        "time-limit",
        "The scoring step was stopped: it did not end within the time limit of 60 seconds.",
    ),
    (
        "image",
        CODE,
        lambda worker: worker.find_no_image("manifest unknown"),
        "runtime-unavailable",
        "The worker could not fetch the container image of the competition: manifest unknown",
    ),
    (
        "prediction",
        CODE,
        lambda worker: worker.do(Played(out="oh\n", exit_code=9, output={"answer.txt": b"a"})),
        "exit-code",
        "The submission ended with exit code 9.",
    ),
    (
        "ingestion",
        CODE,
        lambda worker: worker.do(Played(output={"answer.txt": b"a"}, ingestion_out="oh\n", ingestion_exit_code=2)),
        "exit-code",
        "The ingestion program ended with exit code 2.",
    ),
]


@pytest.mark.parametrize(
    ("files", "fail", "code", "message"), [row[1:] for row in FAILURES], ids=[r[0] for r in FAILURES]
)
def test_what_fails_is_explained(
    site: QuietSite,
    tmp_path: Path,
    files: dict[str, str],
    fail: Callable[[CodabenchWorker], None],
    code: str,
    message: str,
) -> None:
    made = begin(site, tmp_path, files)
    worker = CodabenchWorker(claim(site))
    fail(worker)
    found = ended(site, made)
    assert (found["status"], found["code"], found["status_details"]) == ("Failed", code, message)
    assert found["hint"]
    assert (scores_of(found), found["internal_failure"]) == ([], False)


def test_what_a_worker_cannot_fetch_is_not_the_participants_fault(site: QuietSite, tmp_path: Path) -> None:
    made = begin(site, tmp_path, RESULT)
    # Three attempts, the last one after 5 s (docs/explanation/submission-flow.md).
    for number in range(1, 4):
        order = claim(site)
        assert (order["id"], order["attempt"]) == (made, number)
        CodabenchWorker(order).fetch_nothing()
    found = ended(site, made)
    assert (found["status"], found["code"], found["internal_failure"]) == ("Failed", "internal", True)
    # The words of the worker hold a link that fetches the file.
    assert "signature" not in str(found)


def test_what_was_seen_while_it_ran_stays_where_the_log_is_lost(site: QuietSite, tmp_path: Path) -> None:
    made = begin(site, tmp_path, RESULT)
    order = claim(site)
    CodabenchWorker(order).run_out_of_time(Played(out="epoch 1\nepoch 2\n"))
    ended(site, made)
    from tests.integration.live.streams import listening

    page = f"{site.far.url}/live/submissions/{made}/?after=0:0-0"
    with listening(page, Authorization=f"Token {site.token}") as stream:
        heard = ""
        while not heard:
            said = stream.next("log")
            heard += said.data["text"] if said.data["kind"] == "scoring_stdout" else ""
    assert heard.startswith("epoch 1\n")


def test_late_words_of_a_lost_job_change_nothing(site: QuietSite, tmp_path: Path) -> None:
    made = begin(site, tmp_path, RESULT)
    lost = CodabenchWorker(claim(site))
    lost.prepare()
    # The slot asks again: its worker was restarted.
    CodabenchWorker(claim(site)).do(SCORED)
    before = ended(site, made)
    lost.send_all(
        [
            ("Finished", lambda: lost.told({"status": "Finished"})),
            ("scores", lambda: lost.scored({"share": 1.0, "right": 4.0})),
            ("log", lambda: lost.stored("scoring_stdout", b"late")),
            ("Failed", lambda: lost.told({"status": "Failed", "status_details": "late"})),
        ]
    )
    assert lost.answers[-4:] == [409, 409, 409, 409]
    assert ended(site, made) == before
