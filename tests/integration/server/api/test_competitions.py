"""Competitions over HTTP: imported, listed, shown, joined, published, deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.competition_material import DESCRIPTION, described, make_person, write_bundle
from tests.integration.server.flow import Flow, SteppedClock, begin
from tests.integration.server.own_jobs import do_jobs

from podium.server.competitions.models import Competition, Participant, Task
from podium.server.competitions.services import unpublish
from podium.server.files.models import DataSet
from podium.server.files.services import complete_upload, store

pytestmark = pytest.mark.django_db

LISTED = {
    "id",
    "title",
    "created_by",
    "owner_display_name",
    "created_when",
    "published",
    "participants_count",
    "logo",
    "logo_icon",
    "description",
    "competition_type",
    "reward",
    "contact_email",
    "report",
    "is_featured",
    "submissions_count",
}
DETAIL = LISTED | {
    "terms",
    "pages",
    "phases",
    "leaderboards",
    "collaborators",
    "participant_status",
    "registration_auto_approve",
    "queue",
    "enable_detailed_results",
    "show_detailed_results_in_submission_panel",
    "show_detailed_results_in_leaderboard",
    "auto_run_submissions",
    "can_participants_make_submissions_public",
    "make_programs_available",
    "make_input_data_available",
    "docker_image",
    "allow_robot_submissions",
    "fact_sheet",
    "forum",
    "forum_enabled",
}
PHASE = {
    "id",
    "index",
    "start",
    "end",
    "name",
    "description",
    "status",
    "execution_time_limit",
    "tasks",
    "has_max_submissions",
    "max_submissions_per_day",
    "max_submissions_per_person",
    "auto_migrate_to_this_phase",
    "hide_output",
    "hide_prediction_output",
    "hide_score_output",
    "public_data",
    "starting_kit",
    "is_final_phase",
    "used_submissions_per_day",
    "used_submissions_per_person",
}


def announce(caller: Caller, path: Path, kind: str = "competition_bundle") -> str:
    """Announce and upload a file; the key of its data set."""
    wanted = {"type": kind, "request_sassy_file_name": path.name, "file_size": path.stat().st_size}
    announced = caller.post("datasets/", wanted)
    assert announced.status_code == 201, announced.content
    ticket = UUID(urlsplit(announced.json()["sassy_url"]).path.rsplit("/", 1)[-1])
    complete_upload(ticket, store().put_file(path))
    return str(announced.json()["key"])


def start(caller: Caller, path: Path, **wish: object) -> int:
    """Upload a bundle and have it imported; the number of the import."""
    answer = caller.send("put", f"datasets/completed/{announce(caller, path)}/", wish)
    assert answer.status_code == 200, answer.content
    assert answer.json().keys() == {"status_id"}
    return int(answer.json()["status_id"])


def status(caller: Caller, number: int) -> Any:
    answer = caller.get(f"competitions/{number}/creation_status/")
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestImport:
    def test_a_bundle_becomes_a_competition(self, tmp_path: Path) -> None:
        otto = Caller(make_person("otto"))
        number = start(otto, write_bundle(tmp_path, DESCRIPTION))
        before = status(otto, number)
        assert (before["status"], before["details"], before["resulting_competition"]) == ("Starting", None, None)
        assert before["created_by"] == "otto"
        do_jobs()
        after = status(otto, number)
        made = Competition.objects.get()
        assert (after["status"], after["details"], after["resulting_competition"]) == ("Finished", None, made.pk)
        assert not made.published

    def test_without_a_body_as_the_contracts_clients_send_it(self, tmp_path: Path) -> None:
        otto = Caller(make_person("otto"))
        key = announce(otto, write_bundle(tmp_path, DESCRIPTION))
        assert otto.send("put", f"datasets/completed/{key}/").json().keys() == {"status_id"}

    def test_it_is_published_if_that_is_asked_for(self, tmp_path: Path) -> None:
        otto = Caller(make_person("otto"))
        number = start(otto, write_bundle(tmp_path, DESCRIPTION), publish=True)
        do_jobs()
        assert status(otto, number)["published"] is True
        assert Competition.objects.get().published

    def test_notes_prevent_nothing_and_are_told(self, tmp_path: Path) -> None:
        otto = Caller(make_person("otto"))
        number = start(otto, write_bundle(tmp_path, described(docker_image="someone/else:1")))
        do_jobs()
        (note,) = status(otto, number)["notes"]
        assert note.keys() == {"severity", "code", "message", "hint", "file", "line", "column"}
        assert (note["severity"], note["code"]) == ("note", "image-unknown")

    def test_all_problems_are_told_with_their_place(self, tmp_path: Path) -> None:
        otto = Caller(make_person("otto"))
        number = start(otto, write_bundle(tmp_path, described(title=None, image="nothing.png")))
        do_jobs()
        found = status(otto, number)
        assert (found["status"], found["resulting_competition"]) == ("Failed", None)
        problems = found["error"]["problems"]
        assert found["error"]["code"] == "bundle-invalid"
        assert len(problems) >= 2
        assert all(problem["file"] == "competition.yaml" for problem in problems)
        (placed,) = [problem for problem in problems if "nothing.png" in problem["message"]]
        assert placed["line"] >= 1
        assert f"competition.yaml:{placed['line']}:{placed['column']}: {placed['message']}" in found["details"]
        assert not Competition.objects.exists()
        assert not DataSet.objects.exists()

    def test_what_is_no_zip_is_named_as_it_was_sent(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_bytes(b"hello")
        otto = Caller(make_person("otto"))
        number = start(otto, path)
        do_jobs()
        found = status(otto, number)
        assert found["error"]["code"] == "archive-not-zip"
        assert "notes.txt" in found["details"]

    def test_asked_again_it_is_the_same_import(self, tmp_path: Path) -> None:
        otto = Caller(make_person("otto"))
        key = announce(otto, write_bundle(tmp_path, DESCRIPTION))
        first = otto.send("put", f"datasets/completed/{key}/").json()
        assert otto.send("put", f"datasets/completed/{key}/").json() == first
        assert do_jobs() == 1
        assert otto.send("put", f"datasets/completed/{key}/").json() == first
        assert do_jobs() == 0
        assert Competition.objects.count() == 1

    def test_a_bundle_that_has_not_arrived_is_not_imported(self) -> None:
        otto = Caller(make_person("otto"))
        wanted = {"type": "competition_bundle", "request_sassy_file_name": "a.zip", "file_size": 10}
        key = otto.post("datasets/", wanted).json()["key"]
        only_explains(otto.send("put", f"datasets/completed/{key}/"), 400, "upload-incomplete")
        assert do_jobs() == 0

    def test_a_strangers_bundle_is_not_found(self, tmp_path: Path) -> None:
        key = announce(Caller(make_person("otto")), write_bundle(tmp_path, DESCRIPTION))
        only_explains(Caller(make_person("eve")).send("put", f"datasets/completed/{key}/"), 404, "no-such-data-set")
        only_explains(Caller().send("put", f"datasets/completed/{key}/"), 401, "sign-in-required")
        assert do_jobs() == 0

    def test_how_it_stands_is_for_its_owner_alone(self, tmp_path: Path) -> None:
        number = start(Caller(make_person("otto")), write_bundle(tmp_path, DESCRIPTION))
        address = f"competitions/{number}/creation_status/"
        only_explains(Caller(make_person("eve")).get(address), 404, "no-such-import")
        only_explains(Caller(make_person("root", is_admin=True)).get(address), 404, "no-such-import")
        only_explains(Caller().get(address), 401, "sign-in-required")

    def test_any_other_data_set_is_only_complete(self, tmp_path: Path) -> None:
        otto = Caller(make_person("otto"))
        key = announce(otto, write_bundle(tmp_path, DESCRIPTION), "input_data")
        assert otto.send("put", f"datasets/completed/{key}/").json() == {"key": key}
        assert do_jobs() == 0


class TestReading:
    def test_a_list_is_an_array_with_the_contracts_keys(self, flow: Flow) -> None:
        (listed,) = Caller().get("competitions/").json()
        assert listed.keys() == LISTED
        assert listed["logo"].startswith("http://testserver/blobs/")
        # NOON of 2030-01-10, moved on by the milliseconds of the steps before.
        assert listed["created_when"].startswith("2030-01-10T12:00:")
        assert listed["created_when"].endswith("Z")
        assert (listed["created_by"], listed["participants_count"], listed["submissions_count"]) == ("otto", 1, 0)

    @pytest.mark.parametrize(
        ("who", "query", "found"),
        [
            ("anna", {}, 1),
            ("anna", {"mine": "true"}, 0),
            ("otto", {"mine": "true"}, 1),
            ("anna", {"participating_in": "true"}, 1),
            ("otto", {"participating_in": "1"}, 0),
            ("anna", {"search": "SHEEP"}, 1),
            ("anna", {"search": "cows"}, 0),
            ("anna", {"type": "benchmark"}, 0),
            ("anna", {"type": "any"}, 1),
        ],
    )
    def test_a_list_can_be_narrowed(self, flow: Flow, who: str, query: dict[str, str], found: int) -> None:
        assert len(Caller(getattr(flow, who)).get("competitions/", **query).json()) == found

    def test_a_competition_has_the_contracts_keys(self, flow: Flow) -> None:
        detail = Caller().get(f"competitions/{flow.competition_id}/").json()
        assert detail.keys() == DETAIL
        assert detail["phases"][0].keys() == PHASE | {"competition"}
        assert [phase["status"] for phase in detail["phases"]] == ["Current", "Next"]
        (board,) = detail["leaderboards"]
        assert board.keys() == {"id", "primary_index", "title", "key", "hidden", "submission_rule", "columns"}
        assert [column["key"] for column in board["columns"]] == ["accuracy", "seconds"]
        assert detail["pages"][0]["title"] == "Overview"

    def test_only_its_staff_reads_the_secret_key(self, flow: Flow) -> None:
        assert "secret_key" in Caller(flow.otto).get(f"competitions/{flow.competition_id}/").json()
        assert "secret_key" not in Caller(flow.anna).get(f"competitions/{flow.competition_id}/").json()

    def test_keys_of_data_are_told_only_to_whoever_may_fetch_it(self, flow: Flow) -> None:
        task = Task.objects.select_related("scoring_program", "reference_data").get()
        assert task.scoring_program is not None
        assert task.reference_data is not None
        keys = [str(task.scoring_program.key), str(task.reference_data.key)]
        for person in (None, flow.anna, make_person("eve")):
            for path in (f"competitions/{flow.competition_id}/", f"phases/{flow.phase_id}/"):
                text = Caller(person).get(path).content.decode()
                assert [key for key in keys if key in text] == []
        text = Caller(flow.otto).get(f"competitions/{flow.competition_id}/").content.decode()
        assert [key for key in keys if key in text] == keys

    def test_an_unpublished_one_is_there_for_its_staff_and_by_its_key(self, flow: Flow) -> None:
        unpublish(flow.otto, flow.competition_id)
        path = f"competitions/{flow.competition_id}/"
        only_explains(Caller(flow.anna).get(path), 404, "competition-not-found")
        key = Caller(flow.otto).get(path).json()["secret_key"]
        assert Caller(flow.anna).get(path, secret_key=key).json()["title"] == "Count the sheep"
        only_explains(Caller().get(path, secret_key="guess"), 400, "request-invalid")

    def test_a_phase_tells_what_one_has_used(self, flow: Flow) -> None:
        flow.take_in()
        mine = Caller(flow.anna).get(f"phases/{flow.phase_id}/").json()
        assert (mine["used_submissions_per_day"], mine["used_submissions_per_person"]) == (1, 1)
        assert Caller().get(f"phases/{flow.phase_id}/").json()["used_submissions_per_person"] == 0
        shown = Caller(flow.anna).get(f"competitions/{flow.competition_id}/").json()["phases"]
        assert [phase["used_submissions_per_person"] for phase in shown] == [1, 0]

    def test_a_hidden_board_or_column_is_left_out(self, tmp_path: Path, time: SteppedClock) -> None:
        board = described()["leaderboards"][0]
        columns = [board["columns"][0], board["columns"][1] | {"hidden": True}]
        flow = begin(tmp_path, described(leaderboards=[board | {"columns": columns}]))
        seen = {
            person.name: [
                column["key"]
                for each in Caller(person).get(f"competitions/{flow.competition_id}/").json()["leaderboards"]
                for column in each["columns"]
            ]
            for person in (flow.anna, flow.otto)
        }
        assert seen == {"anna": ["accuracy"], "otto": ["accuracy", "seconds"]}


class TestChanging:
    def test_publishing_turns_round_or_goes_where_it_is_told(self, flow: Flow) -> None:
        path = f"competitions/{flow.competition_id}/toggle_publish/"
        otto = Caller(flow.otto)
        assert [otto.post(path).json()["published"] for _ in range(2)] == [False, True]
        assert [otto.post(path, {"published": True}).json()["published"] for _ in range(2)] == [True, True]
        assert otto.post(path, {"published": False}).json() == {"published": False}
        assert not Competition.objects.get().published

    def test_one_joins_once(self, flow: Flow) -> None:
        path = f"competitions/{flow.competition_id}/register/"
        eve = Caller(make_person("eve"))
        assert eve.post(path).status_code == 201
        only_explains(eve.post(path), 400, "already-registered")

    def test_who_says_no_to_the_terms_does_not_join(self, flow: Flow) -> None:
        eve = Caller(make_person("eve"))
        path = f"competitions/{flow.competition_id}/register/"
        only_explains(eve.post(path, {"accept_terms": False}), 400, "terms-not-accepted")

    def test_participants_are_listed_and_decided_about(self, flow: Flow) -> None:
        Competition.objects.update(registration_auto_approve=False)
        eve = make_person("eve")
        joined = Caller(eve).post(f"competitions/{flow.competition_id}/register/")
        assert joined.json() == {"participant_status": "pending"}
        otto = Caller(flow.otto)
        assert otto.get("participants/").json() == []
        rows = otto.get("participants/", competition=flow.competition_id).json()
        assert [(row["username"], row["status"]) for row in rows] == [("eve", "pending"), ("anna", "approved")]
        assert {"id", "username", "is_bot", "email", "status", "is_deleted"} <= rows[0].keys()
        assert len(otto.get("participants/", competition=flow.competition_id, status="approved").json()) == 1
        path = f"participants/{rows[0]['id']}/"
        assert otto.send("patch", path, {"status": "approved"}).json() == {"id": rows[0]["id"], "status": "approved"}
        assert Participant.objects.get(user_id=eve.id).status == "approved"
        only_explains(otto.send("patch", path, {"status": "approved"}), 400, "decision-unchanged")
        only_explains(otto.send("patch", path, {"status": "king"}), 400, "request-invalid")

    def test_it_is_deleted_only_while_nobody_has_submitted(self, flow: Flow) -> None:
        path = f"competitions/{flow.competition_id}/"
        only_explains(Caller(flow.anna).send("delete", path), 403, "not-allowed")
        flow.take_in()
        only_explains(Caller(flow.otto).send("delete", path), 409, "competition-has-submissions")

    def test_one_without_submissions_is_gone(self, flow: Flow) -> None:
        response = Caller(flow.otto).send("delete", f"competitions/{flow.competition_id}/")
        assert (response.status_code, response.content) == (204, b"")
        assert not Competition.objects.exists()
