"""Submissions, data sets, boards and downloads over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.competition_material import described, make_person
from tests.integration.server.flow import (
    CODE,
    RESULT,
    Flow,
    SteppedClock,
    begin,
    claimed,
    finish_prediction,
    finish_scoring,
    put,
    status_of,
    uploaded,
    worker,
)
from tests.small_bundles import zipped

from podium.server.accounts.models import User
from podium.server.competitions.models import Phase, Task
from podium.server.competitions.services import register
from podium.server.files.links import check_link
from podium.server.files.models import DataSet, DataSetType
from podium.server.submissions.models import Submission

SUBMISSION = {
    "phase_name",
    "name",
    "filename",
    "description",
    "created_when",
    "is_public",
    "is_specific_task_re_run",
    "status",
    "status_details",
    "owner",
    "has_children",
    "parent",
    "children",
    "pk",
    "id",
    "phase",
    "scores",
    "fact_sheet_answers",
    "leaderboard",
    "on_leaderboard",
    "task",
    "auto_run",
    "can_make_submissions_public",
    "is_soft_deleted",
}


def submit(flow: Flow, **more: Any) -> Any:
    data = uploaded(flow.anna, RESULT)
    return Caller(flow.anna).post("submissions/", {"phase": flow.phase_id, "data": str(data.key), **more})


class TestMaking:
    def test_it_is_answered_by_the_contracts_keys(self, flow: Flow) -> None:
        response = submit(flow, description="first try")
        assert response.status_code == 201
        body = response.json()
        assert body.keys() == {
            "id",
            "data",
            "phase",
            "status",
            "status_details",
            "filename",
            "description",
            "md5",
            "fact_sheet_answers",
            "organization",
            "queue",
            "created_when",
            "scores",
        }
        assert (body["created_when"], body["description"], body["scores"]) == ("2030-01-10 12:00", "first try", [])
        assert (body["filename"], body["status"]) == ("mine.zip", "Scoring")

    def test_a_form_does_as_well(self, flow: Flow) -> None:
        data = uploaded(flow.anna, RESULT)
        task = Task.objects.get().pk
        response = Caller(flow.anna).form("submissions/", phase=flow.phase_id, data=str(data.key), tasks=task)
        assert response.status_code == 201

    def test_no_chosen_tasks_mean_all_of_them(self, two: Flow) -> None:
        made = submit(two, tasks=[]).json()["id"]
        assert Submission.objects.filter(parent_id=made).count() == 2

    def test_a_closed_phase_and_a_used_up_limit_are_400_with_non_field_errors(
        self, flow: Flow, time: SteppedClock
    ) -> None:
        Phase.objects.filter(pk=flow.phase_id).update(max_submissions=1)
        submit(flow)
        body = only_explains(submit(flow), 400, "quota-total")
        assert body["non_field_errors"] == [body["message"]]
        can = Caller(flow.anna).get(f"can_make_submission/{flow.phase_id}/").json()
        assert can["can"] is False
        assert can["reason"].startswith(body["message"])
        time.add(days=60)
        assert only_explains(submit(flow), 400, "phase-closed")["non_field_errors"]

    def test_who_does_not_take_part_is_refused_by_403(self, flow: Flow) -> None:
        eve = make_person("eve")
        body = {"phase": flow.phase_id, "data": str(uploaded(eve, RESULT).key)}
        only_explains(Caller(eve).post("submissions/", body), 403, "participation-required")
        assert Caller(eve).get(f"can_make_submission/{flow.phase_id}/").json()["can"] is False

    def test_anothers_file_is_not_there(self, flow: Flow) -> None:
        data = uploaded(flow.otto, RESULT)
        response = Caller(flow.anna).post("submissions/", {"phase": flow.phase_id, "data": str(data.key)})
        only_explains(response, 404, "no-such-data-set")

    def test_a_phase_that_is_not_there_is_404(self, flow: Flow) -> None:
        only_explains(Caller(flow.anna).get("can_make_submission/999/"), 404, "no-such-phase")
        only_explains(submit(flow, phase=999), 404, "no-such-phase")

    def test_answers_that_do_not_fit_the_sheet_are_400(self, tmp_path: Path, time: SteppedClock, db: None) -> None:
        sheet = {"team": {"key": "team", "type": "text", "title": "Team", "is_required": "true"}}
        flow = begin(tmp_path, described(fact_sheet=sheet))
        assert submit(flow).status_code == 400
        assert submit(flow, fact_sheet_answers={"team": ""}).status_code == 400
        assert submit(flow, fact_sheet_answers={"club": "x"}).status_code == 400
        made = submit(flow, fact_sheet_answers={"team": "Ewes"})
        assert made.json()["fact_sheet_answers"] == {"team": "Ewes"}
        by_form = Caller(flow.anna).form(
            "submissions/",
            phase=flow.phase_id,
            data=str(uploaded(flow.anna, RESULT).key),
            fact_sheet_answers=json.dumps({"team": "Rams"}),
        )
        assert by_form.json()["fact_sheet_answers"] == {"team": "Rams"}


class TestReading:
    def test_a_list_is_an_array_unless_a_page_is_asked_for(self, flow: Flow) -> None:
        made = [flow.take_in() for _ in range(3)]
        anna = Caller(flow.anna)
        array = anna.get("submissions/").json()
        assert [each["id"] for each in array] == made[::-1]
        assert array[0].keys() >= SUBMISSION
        page = anna.get("submissions/", page_size=2).json()
        assert page.keys() == {"count", "next", "previous", "page_size", "results"}
        assert (page["count"], page["page_size"], page["previous"]) == (3, 2, None)
        assert [each["id"] for each in page["results"]] == made[:0:-1]
        following = Client().get(page["next"], headers=anna.headers).json()
        assert [each["id"] for each in following["results"]] == made[:1]
        assert following["next"] is None
        assert "page=1" in following["previous"]
        assert len(anna.get("submissions/", page_size="all").json()["results"]) == 3
        only_explains(anna.get("submissions/", page=9), 404, "no-such-page")

    def test_a_list_can_be_narrowed(self, flow: Flow) -> None:
        flow.scored({"accuracy": 1.0})
        flow.take_in()
        anna = Caller(flow.anna)
        counts = {
            json.dumps(query): len(anna.get("submissions/", **query).json())
            for query in (
                {"phase": flow.phase_id},
                {"phase": 999},
                {"phase__competition": flow.competition_id},
                {"phase__competition": 999},
                {"status": "Finished"},
                {"status": "Nonsense"},
                {"search": "MINE"},
                {"search": "anna"},
                {"search": "otto"},
            )
        }
        assert list(counts.values()) == [2, 0, 2, 0, 1, 0, 2, 2, 0]

    def test_one_sees_ones_own_and_the_organizer_all(self, flow: Flow) -> None:
        bert = make_person("bert")
        register(bert, flow.competition_id, accepts_terms=True)
        flow.take_in()
        made = flow.take_in(by=bert)
        admin = make_person("root", is_admin=True)
        seen = {
            person.name: len(Caller(person).get("submissions/").json())
            for person in (flow.anna, bert, flow.otto, admin)
        }
        assert seen == {"anna": 1, "bert": 1, "otto": 2, "root": 2}
        for path in (f"submissions/{made}/", f"submissions/{made}/get_details/"):
            only_explains(Caller(flow.anna).get(path), 404, "submission-not-found")
            assert Caller(flow.otto).get(path).status_code == 200
        only_explains(Caller().get("submissions/"), 401, "sign-in-required")

    def test_a_long_list_costs_no_more_queries_than_a_short_one(self, flow: Flow) -> None:
        anna = Caller(flow.anna)
        flow.scored({"accuracy": 1.0})
        # The first request of a token notes that it was used.
        anna.get("my_profile/")
        with CaptureQueriesContext(connection) as few:
            anna.get("submissions/")
        for _ in range(3):
            flow.scored({"accuracy": 1.0})
        with CaptureQueriesContext(connection) as many:
            anna.get("submissions/")
        assert len(many) == len(few)

    def test_children_are_named_by_their_parent(self, two: Flow) -> None:
        made = two.take_in()
        for slot, value in ((0, 0.25), (1, 1e-12)):
            finish_scoring(claimed(worker(), slot), {"accuracy": value, "own": 5.0})
        parent = Caller(two.anna).get(f"submissions/{made}/").json()
        assert (parent["has_children"], parent["task"], len(parent["children"])) == (True, None, 2)
        # Ten decimals as the contract has it; the number itself beside it.
        assert [each["score"] for each in parent["scores"]] == ["0.2500000000", "0.0000000000"]
        assert [each["value"] for each in parent["scores"]] == [0.25, 1e-12]
        child = Caller(two.anna).get(f"submissions/{parent['children'][0]}/").json()
        assert (child["parent"], child["task"]["name"], len(child["scores"])) == (made, "Field", 1)

    def test_a_failure_says_why_and_what_to_do(self, flow: Flow) -> None:
        made = flow.take_in({"metadata": b"nothing: here\n"})
        shown = Caller(flow.anna).get(f"submissions/{made}/").json()
        assert (shown["status"], shown["code"], shown["internal_failure"]) == ("Failed", "no-command", False)
        assert shown["status_details"]
        assert "command" in shown["hint"]


class TestDetails:
    def written(self, flow: Flow) -> int:
        made = flow.take_in(CODE)
        first = claimed(worker())
        put(first["prediction_stdout"], b"predicting\n")
        finish_prediction(first)
        second = claimed(worker())
        put(second["scoring_stderr"], b"warning\n")
        put(second["scoring_result"], zipped({"scores.txt": b"accuracy:1.0\n"}))
        finish_scoring(second, {"accuracy": 1.0})
        return made

    def test_links_lead_to_what_was_sent_and_written(self, flow: Flow) -> None:
        made = self.written(flow)
        body = Caller(flow.anna).get(f"submissions/{made}/get_details/").json()
        assert body.keys() == {
            "logs",
            "data_file",
            "prediction_result",
            "detailed_result",
            "scoring_result",
            "leaderboards",
            "fact_sheet_answers",
        }
        assert [log["name"] for log in body["logs"]] == ["prediction_stdout", "scoring_stderr"]
        assert body["detailed_result"] is None
        for link in (
            body["data_file"],
            body["prediction_result"],
            body["scoring_result"],
            body["logs"][0]["data_file"],
        ):
            parts = urlsplit(link)
            query = dict(pair.split("=", 1) for pair in parts.query.split("&"))
            check_link("GET", parts.path, query["expires"], query["signature"])

    def test_hidden_outputs_are_for_the_organizer(self, flow: Flow) -> None:
        path = f"submissions/{self.written(flow)}/get_details/"
        Phase.objects.filter(pk=flow.phase_id).update(hide_prediction_output=True)
        half = Caller(flow.anna).get(path).json()
        assert [log["name"] for log in half["logs"]] == ["scoring_stderr"]
        assert half["prediction_result"] is None
        assert half["scoring_result"]
        Phase.objects.filter(pk=flow.phase_id).update(hide_output=True)
        only_explains(Caller(flow.anna).get(path), 403, "output-hidden")
        assert len(Caller(flow.otto).get(path).json()["logs"]) == 2


class TestChanging:
    def test_a_board_by_hand(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 1.0})
        path = f"submissions/{made}/submission_leaderboard_connection/"
        anna = Caller(flow.anna)
        assert (anna.post(path).status_code, anna.post(path).json()) == (200, {})
        shown = anna.get(f"submissions/{made}/").json()
        assert shown["on_leaderboard"] is True
        assert shown["leaderboard"] is not None
        only_explains(anna.send("delete", path), 403, "board-no-removal")
        assert Caller(flow.otto).send("delete", path).json() == {}
        assert anna.get(f"submissions/{made}/").json()["on_leaderboard"] is False

    def test_what_has_no_scores_is_not_added(self, flow: Flow) -> None:
        path = f"submissions/{flow.take_in()}/submission_leaderboard_connection/"
        only_explains(Caller(flow.anna).post(path), 409, "submission-not-scored")

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_program_cancels_by_get_and_post(self, flow: Flow, method: str) -> None:
        made = flow.take_in()
        anna = Caller(flow.anna)
        answers = [anna.send(method, f"submissions/{made}/cancel_submission/").json() for _ in range(2)]
        assert answers == [{"canceled": True}, {"canceled": False}]
        assert status_of(made) == "Cancelled"

    def test_a_link_does_not_cancel_for_a_browser(self, flow: Flow) -> None:
        made = flow.take_in()
        browser = Client()
        browser.force_login(User.objects.get(pk=flow.anna.id), backend="django.contrib.auth.backends.ModelBackend")
        only_explains(browser.get(f"/api/submissions/{made}/cancel_submission/"), 405, "wrong-method")
        assert status_of(made) == "Scoring"
        assert browser.post(f"/api/submissions/{made}/cancel_submission/").json() == {"canceled": True}

    def test_one_deletes_what_has_ended(self, flow: Flow) -> None:
        anna = Caller(flow.anna)
        running = flow.take_in()
        only_explains(anna.send("delete", f"submissions/{running}/"), 409, "still-running")
        anna.post(f"submissions/{running}/cancel_submission/")
        assert anna.send("delete", f"submissions/{running}/").status_code == 204
        only_explains(anna.get(f"submissions/{running}/"), 404, "submission-not-found")

    def test_what_stands_on_the_board_is_not_deleted_by_its_owner(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 1.0})
        anna = Caller(flow.anna)
        anna.post(f"submissions/{made}/submission_leaderboard_connection/")
        only_explains(anna.send("delete", f"submissions/{made}/"), 403, "submission-on-board")

    def test_the_organizer_starts_what_waits(self, tmp_path: Path, time: SteppedClock, db: None) -> None:
        flow = begin(tmp_path, described(auto_run_submissions=False))
        made = flow.take_in()
        only_explains(Caller(flow.anna).post(f"submissions/{made}/run_submission/"), 403, "not-allowed")
        assert Caller(flow.otto).post(f"submissions/{made}/run_submission/").json() == {"id": made}
        assert status_of(made) == "Scoring"


class TestBoard:
    def test_it_is_not_sent_again_to_whoever_has_it(self, flow: Flow) -> None:
        path = f"phases/{flow.phase_id}/get_leaderboard/"
        made = flow.scored({"accuracy": 1.0})
        first = Caller().get(path)
        again = Client().get(f"/api/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        Caller(flow.anna).post(f"submissions/{made}/submission_leaderboard_connection/")
        changed = Client().get(f"/api/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert len(changed.json()["submissions"]) == 1

    def test_a_hidden_one_is_for_the_organizer(self, tmp_path: Path, time: SteppedClock, db: None) -> None:
        board = described()["leaderboards"][0] | {"hidden": True}
        flow = begin(tmp_path, described(leaderboards=[board]))
        path = f"phases/{flow.phase_id}/get_leaderboard/"
        only_explains(Caller().get(path), 403, "board-hidden")
        only_explains(Caller(flow.anna).get(path), 403, "board-hidden")
        assert Caller(flow.otto).get(path).json()["submissions"] == []


class TestDataSets:
    def test_an_announcement_that_lacks_something_names_it(self, flow: Flow) -> None:
        body = only_explains(Caller(flow.anna).post("datasets/", {"type": "submission"}), 400, "request-invalid")
        assert body["file_size"] == ["This field is required."]
        assert body["request_sassy_file_name"] == ["This field is required."]

    @pytest.mark.parametrize("size", [-1, "many", 1e30])
    def test_a_size_that_is_none_is_refused(self, flow: Flow, size: object) -> None:
        body = {"type": "submission", "request_sassy_file_name": "a.zip", "file_size": size}
        assert Caller(flow.anna).post("datasets/", body).json()["file_size"]

    def test_a_full_quota_is_told_in_the_contracts_words(self, flow: Flow) -> None:
        User.objects.filter(pk=flow.anna.id).update(quota_bytes=10)
        body = {"type": "submission", "request_sassy_file_name": "a.zip", "file_size": 11.0}
        answered = only_explains(Caller(flow.anna).post("datasets/", body), 400, "request-invalid")
        assert answered["data_file"][0].startswith("Insufficient space")

    def test_what_is_larger_than_the_site_takes_is_413(self, flow: Flow) -> None:
        body = {"type": "submission", "request_sassy_file_name": "a.zip", "file_size": 2**50}
        only_explains(Caller(flow.anna).post("datasets/", body), 413, "file-too-large")

    def test_an_upload_is_not_complete_before_it_has_arrived(self, flow: Flow) -> None:
        anna = Caller(flow.anna)
        body = {"type": "submission", "request_sassy_file_name": "a.zip", "file_size": 10}
        key = anna.post("datasets/", body).json()["key"]
        only_explains(anna.send("put", f"datasets/completed/{key}/"), 400, "upload-incomplete")
        only_explains(Caller(flow.otto).send("put", f"datasets/completed/{key}/"), 404, "no-such-data-set")

    def test_ones_own_are_listed_in_pages(self, flow: Flow) -> None:
        for _ in range(3):
            uploaded(flow.anna, RESULT)
        page = Caller(flow.anna).get("datasets/", page_size=2).json()
        assert page.keys() == {"count", "next", "previous", "results"}
        assert (page["count"], len(page["results"])) == (3, 2)
        assert Caller(flow.anna).get("datasets/", _type="dataset").json()["count"] == 0
        bundles = Caller(flow.otto).get("datasets/", _type="bundle").json()
        assert [each["type"] for each in bundles["results"]] == ["competition_bundle"]


class TestDownloads:
    def test_a_file_is_fetched_by_those_who_may(self, flow: Flow) -> None:
        task = Task.objects.select_related("scoring_program", "reference_data").get()
        bundle = DataSet.objects.get(type=DataSetType.COMPETITION_BUNDLE)
        sent = uploaded(flow.anna, {"a": b"1"})
        flow.take_in({"a": b"1"})
        submitted = Submission.objects.select_related("data").get().data
        public = uploaded(flow.otto, {"b": b"1"}, DataSetType.PUBLIC_DATA)
        DataSet.objects.filter(pk=public.pk).update(is_public=True)
        eve = make_person("eve")
        expected = {
            task.reference_data: [401, 404, 404, 302],
            task.scoring_program: [401, 404, 404, 302],
            bundle: [401, 404, 404, 302],
            sent: [401, 404, 302, 404],
            submitted: [401, 404, 302, 302],
            public: [302, 302, 302, 302],
        }
        for data_set, statuses in expected.items():
            assert data_set is not None
            found = []
            for person in (None, eve, flow.anna, flow.otto):
                headers = Caller(person).headers
                response = Client().get(f"/datasets/download/{data_set.key}/", headers=headers)
                signing_in = response.headers.get("Location", "").startswith("/accounts/login/")
                found.append(401 if signing_in else response.status_code)
            assert (data_set.type, found) == (data_set.type, statuses)

    def test_the_redirect_leads_to_a_signed_link(self, flow: Flow) -> None:
        sent = uploaded(flow.anna, RESULT)
        response = Client().get(f"/datasets/download/{sent.key}/", headers=Caller(flow.anna).headers)
        parts = urlsplit(response.headers["Location"])
        query = dict(pair.split("=", 1) for pair in parts.query.split("&"))
        check_link("GET", parts.path, query["expires"], query["signature"])

    def test_programs_are_offered_to_participants_where_the_organizer_says_so(
        self, tmp_path: Path, time: SteppedClock, db: None
    ) -> None:
        flow = begin(tmp_path, described(make_programs_available=True))
        task = Task.objects.select_related("scoring_program", "reference_data").get()
        assert task.scoring_program is not None
        assert task.reference_data is not None
        headers = Caller(flow.anna).headers
        assert Client().get(f"/datasets/download/{task.scoring_program.key}/", headers=headers).status_code == 302
        assert Client().get(f"/datasets/download/{task.reference_data.key}/", headers=headers).status_code == 404
