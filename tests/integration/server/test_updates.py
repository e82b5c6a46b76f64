"""Updating competitions from new versions of their bundles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integration.server.competition_material import (
    DESCRIPTION,
    described,
    make_competition,
    make_person,
    write_bundle,
)
from tests.integration.server.flow import MADE, Flow, kinds
from tests.integration.server.new_versions import changed, codes, lines, program_of, proposal, update
from tests.small_bundles import zipped

from podium.rules.errors import BundleError, Conflict, NotAllowed, NotFound, OutOfSpace, UserError
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase, Solution, Task
from podium.server.competitions.services import add_collaborator, remove_collaborator
from podium.server.exports.services import export_competition
from podium.server.files.garbage import GRACE
from podium.server.files.models import Blob, DataSet
from podium.server.files.services import store
from podium.server.history.models import Event, EventText
from podium.server.submissions.models import Attempt, Score
from podium.server.updates.proposals import LIFETIME, Proposal, sealed
from podium.server.updates.services import confirm, propose, proposed

pytestmark = pytest.mark.django_db

BETTER = b"print({'accuracy': 2, 'seconds': 2})\n"


@pytest.fixture
def otto() -> Person:
    return make_person("otto")


def test_the_same_bundle_changes_nothing(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    before = list(DataSet.objects.values_list("pk", flat=True))
    found = proposal(otto, made, tmp_path, DESCRIPTION)
    assert lines(found) == []
    assert confirm(otto, made, found.proposal, found.seen).changes == ()
    assert list(DataSet.objects.values_list("pk", flat=True)) == before
    assert kinds(made) == MADE


def test_settings_pages_and_terms_follow_the_bundle(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    version = changed(title="Count all sheep", pages__0__title="Start", reward="A lamb", podium={"a": 1})
    version["whitelist_emails"] = ["B@example.org", "a@example.org"]
    version["fact_sheet"] = {"how": {"key": "how", "type": "text", "title": "How?", "selection": ""}}
    done = update(otto, made, tmp_path, version, {"terms.md": b"Be very fair.\n", "overview.md": b"# Sheep\nMany.\n"})
    assert lines(done) == [
        'competition : title: "Count the sheep" -> "Count all sheep"',
        'competition : reward: none -> "A lamb"',
        'competition : whitelist_emails: none -> "a@example.org", "b@example.org"',
        'competition : podium: none -> "{"a": 1}"',
        "competition : terms: 1 line added, 1 line removed",
        'page Overview: title: "Overview" -> "Start"',
        "page Overview: text: 1 line added, 0 lines removed",
        "question how: added",
    ]
    row = Competition.objects.get(pk=made)
    assert (row.title, row.reward, row.terms, row.extensions) == (
        "Count all sheep",
        "A lamb",
        "Be very fair.\n",
        {"a": 1},
    )
    assert [page.title for page in row.pages.all()] == ["Start", "Data"]
    assert [each.address for each in row.whitelist.all()] == ["a@example.org", "b@example.org"]
    assert [question["key"] for question in row.fact_sheet] == ["how"]
    assert not row.published
    assert lines(proposal(otto, made, tmp_path, version, {"terms.md": b"Be very fair.\n"}))[0].startswith("page")


def test_a_changed_program_is_a_new_data_set_and_old_runs_keep_naming_the_old(flow: Flow, tmp_path: Path) -> None:
    first = flow.scored({"accuracy": 0.5, "seconds": 1.0})
    task = Task.objects.get()
    old_program, old_truth = task.scoring_program_id, task.reference_data_id
    old_sha256 = program_of(task)
    done = update(flow.otto, flow.competition_id, tmp_path, DESCRIPTION, {"scoring_program/score.py": BETTER})
    assert lines(done) == ["task Field: scoring_program: score.py changed"]
    assert codes(done) == ["scores-stay"]
    task = Task.objects.get()
    assert task.scoring_program_id != old_program
    assert task.reference_data_id == old_truth
    assert DataSet.objects.filter(pk=old_program, blob_id=old_sha256).exists()
    assert Attempt.objects.get(run__submission=first).made_from["program_data"] == old_sha256
    flow.scored({"accuracy": 0.7, "seconds": 1.0})
    assert Attempt.objects.latest("pk").made_from["program_data"] == program_of(task) != old_sha256
    assert Score.objects.filter(submission=first, superseded_at=None).count() == 2


def test_the_bundle_becomes_the_competitions_and_the_old_one_stays(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    old = Competition.objects.get(pk=made).bundle
    assert old is not None
    update(otto, made, tmp_path, changed(title="Two"))
    new = Competition.objects.get(pk=made).bundle
    assert new is not None
    assert (new.file_name, new.pk != old.pk, new.blob_id != old.blob_id) == ("sheep-2.zip", True, True)
    assert DataSet.objects.filter(pk=old.pk).exists()


def test_history_names_keys_ids_and_hashes_and_nothing_that_people_wrote(flow: Flow, tmp_path: Path) -> None:
    version = changed(title="Secret title", tasks__0__name="Secret task", phases__0__name="Secret phase")
    update(flow.otto, flow.competition_id, tmp_path, version, {"scoring_program/score.py": BETTER})
    row = Event.objects.get(kind="competition-changed")
    payload = json.loads(row.payload)
    assert payload["changed"] == ["competition.title", "phase.name", "task.name", "task.scoring_program"]
    assert payload["files"] == [program_of(Task.objects.get())]
    bundle = Competition.objects.get(pk=flow.competition_id).bundle
    assert bundle is not None
    assert payload["bundle"] == bundle.blob_id
    assert EventText.objects.get(reference=payload["title"]).text == "Secret title"
    task, phase = (Event.objects.get(kind=kind) for kind in ("task-changed", "phase-changed"))
    told = json.loads(task.payload)
    assert told["before"]["scoring_program"] != told["after"]["scoring_program"] == program_of(Task.objects.get())
    assert [EventText.objects.get(reference=told[when]["name"]).text for when in ("before", "after")] == [
        "Field",
        "Secret task",
    ]
    assert not Event.objects.filter(kind="board-changed").exists()
    for each in (row, task, phase):
        assert "Secret" not in each.payload
    assert row.actor == flow.otto.opaque_id


def test_parts_come_and_go_and_keep_their_rows_under_new_names(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    phases = dict(Phase.objects.filter(competition_id=made).values_list("name", "pk"))
    task = Task.objects.get()
    version = described(
        tasks=[
            {"index": 4, "name": "Barn", "scoring_program": "scoring_program"},
            {"index": 9, "name": "Field", "scoring_program": "scoring_program", "reference_data": "reference_data"},
        ],
        solutions=[{"index": 1, "tasks": [9], "path": "reference_data"}],
        phases=[
            {"name": "Warm-up", "start": "2029-12-01", "end": "2030-01-01", "tasks": [9]},
            {"name": "Practice", "start": "2030-01-01", "end": "2030-02-01", "tasks": [9, 4]},
        ],
    )
    done = update(otto, made, tmp_path, version)
    assert lines(done) == [
        "task Barn: added",
        "solution Solution 1: added",
        "phase Final: removed",
        "phase Warm-up: added",
        'phase Practice: tasks: "Field" -> "Field", "Barn"',
    ]
    rows = list(Phase.objects.filter(competition_id=made).order_by("index"))
    assert [row.name for row in rows] == ["Warm-up", "Practice"]
    assert rows[1].pk == phases["Practice"]
    assert [row.name for row in rows[1].tasks.order_by("phase_tasks__order_index")] == ["Field", "Barn"]
    assert rows[1].phase_tasks.get(order_index=0).task_id == task.pk
    # What both tasks use is one data set, the one that was there.
    assert {row.scoring_program_id for row in Task.objects.all()} == {task.scoring_program_id}
    assert Solution.objects.get().name == "Solution 1"
    back = update(otto, made, tmp_path, DESCRIPTION)
    assert "solution Solution 1: removed" in lines(back)
    assert not Solution.objects.exists()
    assert lines(proposal(otto, made, tmp_path, DESCRIPTION)) == []


def test_phases_that_change_places_stay_themselves(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    before = dict(Phase.objects.filter(competition_id=made).values_list("name", "pk"))
    first, second = DESCRIPTION["phases"]
    version = described(
        phases=[second | {"start": "2029-12-01", "end": "2030-01-01"}, first],
    )
    update(otto, made, tmp_path, version)
    rows = list(Phase.objects.filter(competition_id=made).order_by("index").values_list("name", "pk"))
    assert rows == [("Final", before["Final"]), ("Practice", before["Practice"])]


def test_an_exported_competition_updates_itself_to_the_same_by_files_and_by_keys(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    for keys in (False, True):
        bundle = export_competition(otto, made, keys_instead_of_files=keys)
        assert propose(otto, made, store().path(bundle.sha256), "again.zip").changes == ()


def test_a_file_packed_anew_counts_as_changed(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    packed = zipped({"truth.csv": "1,2\n"})
    version = changed(tasks__0__reference_data="truth.zip")
    found = proposal(otto, made, tmp_path, version, {"truth.zip": packed, "reference_data/truth.csv": None})
    assert lines(found) == ["task Field: reference_data: changed"]


def test_only_those_who_run_it_may_and_nobody_else_learns_of_it(flow: Flow, tmp_path: Path) -> None:
    stranger, helper = make_person("stranger"), make_person("helper")
    for person in (flow.anna, stranger):
        with pytest.raises(NotAllowed):
            proposal(person, flow.competition_id, tmp_path, DESCRIPTION)
    Competition.objects.update(published=False)
    with pytest.raises(NotFound):
        proposal(stranger, flow.competition_id, tmp_path, DESCRIPTION)
    add_collaborator(flow.otto, flow.competition_id, helper.id)
    update(helper, flow.competition_id, tmp_path, changed(title="By a helper"), {"terms.md": b"Other.\n"})
    assert Competition.objects.get().title == "By a helper"
    # What is new belongs to the organizer.
    assert not DataSet.objects.filter(owner_id=helper.id).exists()
    found = proposal(helper, flow.competition_id, tmp_path, DESCRIPTION)
    remove_collaborator(flow.otto, flow.competition_id, helper.id)
    with pytest.raises(NotFound):
        confirm(helper, flow.competition_id, found.proposal, found.seen)
    assert Competition.objects.get().title == "By a helper"


def test_a_proposal_is_good_for_one_person_and_one_competition(otto: Person, tmp_path: Path) -> None:
    made, other = make_competition(otto, tmp_path), make_competition(otto, tmp_path)
    admin = make_person("ada", is_admin=True)
    found = proposal(otto, made, tmp_path, changed(title="Two"))
    for by, competition_id, text in (
        (admin, made, found.proposal),
        (otto, other, found.proposal),
        (otto, made, found.proposal[:-2] + "xx"),
        (otto, made, ""),
        (otto, made, "\x00" * 5000),
    ):
        for ask in (lambda: proposed(by, competition_id, text), lambda: confirm(by, competition_id, text, found.seen)):  # noqa: B023
            with pytest.raises(UserError) as refused:
                ask()
            assert refused.value.code == "proposal-unknown"
    assert Competition.objects.get(pk=made).title == "Count the sheep"
    assert lines(proposed(otto, made, found.proposal)) == lines(found)


def test_a_bundle_that_was_swept_is_asked_for_again(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    gone = sealed(otto, Proposal(made, "0" * 64, "gone.zip"))
    with pytest.raises(Conflict) as refused:
        confirm(otto, made, gone, "")
    assert refused.value.code == "proposal-gone"


def test_what_was_not_seen_is_not_done(otto: Person, tmp_path: Path) -> None:
    """Two people look at two updates; the one that is confirmed last would undo the other unseen."""
    made = make_competition(otto, tmp_path)
    one = proposal(otto, made, tmp_path, changed(title="One"))
    two = proposal(otto, made, tmp_path, changed(reward="A lamb"))
    confirm(otto, made, one.proposal, one.seen)
    with pytest.raises(Conflict) as refused:
        confirm(otto, made, two.proposal, two.seen)
    assert refused.value.code == "update-changed"
    row = Competition.objects.get(pk=made)
    assert (row.title, row.reward) == ("One", "")
    again = proposed(otto, made, two.proposal)
    assert lines(again) == [
        'competition : title: "One" -> "Count the sheep"',
        'competition : reward: none -> "A lamb"',
    ]


def test_the_organizers_quota_holds_and_nothing_is_written_beyond_it(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    used = sum(DataSet.objects.filter(owner_id=otto.id).values_list("size_bytes", flat=True))
    bundle = write_bundle(tmp_path, DESCRIPTION, {"scoring_program/score.py": BETTER})
    # The bundle fits, the new program beside it does not.
    User.objects.filter(pk=otto.id).update(quota_bytes=used + bundle.stat().st_size + 10)
    found = propose(otto, made, bundle, "sheep.zip")
    before = Task.objects.get().scoring_program_id
    with pytest.raises(OutOfSpace):
        confirm(otto, made, found.proposal, found.seen)
    assert Task.objects.get().scoring_program_id == before
    assert kinds(made) == MADE
    User.objects.filter(pk=otto.id).update(quota_bytes=used)
    with pytest.raises(OutOfSpace):
        propose(otto, made, bundle, "sheep.zip")


def test_a_broken_bundle_is_refused_with_everything_that_is_wrong(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    blobs = set(Blob.objects.values_list("pk", flat=True))
    with pytest.raises(BundleError) as refused:
        proposal(otto, made, tmp_path, changed(phases__0__end="2029-01-01", image="none.png"))
    assert {problem.code for problem in refused.value.problems} >= {"phase-window", "file-missing"}
    not_a_zip = tmp_path / "spooled"
    not_a_zip.write_bytes(b"no zip")
    with pytest.raises(BundleError) as refused:
        propose(otto, made, not_a_zip, "mine.zip")
    assert "mine.zip" in str(refused.value) + refused.value.problems[0].message
    assert set(Blob.objects.values_list("pk", flat=True)) == blobs


def test_keys_of_strangers_are_refused_and_those_of_the_competition_are_not(flow: Flow, tmp_path: Path) -> None:
    eve = make_person("eve")
    hers = Task.objects.create(name="Hers", created_by_id=eve.id, created_at="2030-01-01T00:00Z")
    own = Task.objects.get(name="Field")
    helper = make_person("helper")
    add_collaborator(flow.otto, flow.competition_id, helper.id)
    # A collaborator does not own the organizer's task, and may name it where it is.
    kept = changed(tasks__0={"index": 0, "key": str(own.key)})
    assert lines(proposal(helper, flow.competition_id, tmp_path, kept)) == []
    with pytest.raises(BundleError) as refused:
        proposal(helper, flow.competition_id, tmp_path, changed(tasks__0={"index": 0, "key": str(hers.key)}))
    assert "task-key-unknown" in [problem.code for problem in refused.value.problems]


def test_people_are_added_and_nobody_is_removed(otto: Person, tmp_path: Path) -> None:
    made = make_competition(otto, tmp_path)
    ben, cora = make_person("ben"), make_person("cora")
    add_collaborator(otto, made, ben.id)
    done = update(otto, made, tmp_path, described(collaborators=["cora", "nobody"]))
    assert lines(done) == ['competition : collaborators: "ben" -> "ben", "cora"']
    assert codes(done)[:2] == ["collaborator-added", "collaborator-unknown"]
    assert set(Competition.objects.get(pk=made).collaborators.values_list("pk", flat=True)) == {ben.id, cora.id}
    assert kinds(made)[-2:] == ["competition-changed", "collaborator-added"]
    assert lines(proposal(otto, made, tmp_path, DESCRIPTION)) == []


def test_a_proposal_is_forgotten_before_its_bundle_is_swept_away() -> None:
    assert LIFETIME < GRACE
