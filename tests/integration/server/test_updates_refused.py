"""Updates that would lose something: every reason at once, at its line, and nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.server.competition_material import DESCRIPTION, described, make_competition, make_person
from tests.integration.server.flow import TWO_TASKS, Flow, claimed, finish_scoring, worker
from tests.integration.server.new_versions import changed, codes, lines, proposal, refusals, update

from podium.rules.errors import BundleError
from podium.server.competitions.models import Competition, Phase, PhaseTask, Solution, Task
from podium.server.leaderboards.models import Entry
from podium.server.submissions.models import Score, Submission
from podium.server.submissions.services.lifecycle import delete

pytestmark = pytest.mark.django_db

BOTH = {"accuracy": 0.5, "seconds": 1.0}
SHEET = {
    key: {"key": key, "type": "text", "title": key.title(), "selection": "", "is_required": False}
    for key in ("how", "where")
}


def board(**changes: object) -> dict[str, object]:
    return changed(DESCRIPTION["leaderboards"][0], **changes)


def test_a_phase_with_submissions_stays(flow: Flow, tmp_path: Path) -> None:
    without = described(phases=[{"name": "Final", "start": "2030-02-01", "tasks": [0]}])
    assert lines(proposal(flow.otto, flow.competition_id, tmp_path, without))[0] == "phase Practice: removed"
    sent = flow.take_in()
    assert refusals(flow.otto, flow.competition_id, tmp_path, without) == ["phase-has-submissions"]
    finish_scoring(claimed(worker()), BOTH)
    delete(flow.otto, sent)
    # What was deleted keeps its scores in the history.
    assert refusals(flow.otto, flow.competition_id, tmp_path, without) == ["phase-has-submissions"]
    # A phase under another name in the same place is the same phase.
    renamed = changed(phases__0__name="Training")
    assert lines(update(flow.otto, flow.competition_id, tmp_path, renamed)) == [
        'phase Practice: name: "Practice" -> "Training"'
    ]
    assert Submission.objects.get(pk=sent).phase.name == "Training"


def test_a_task_with_submissions_stays_in_its_phase(two: Flow, tmp_path: Path) -> None:
    two.take_in()
    one = changed(TWO_TASKS, phases__0__tasks__1=None)
    assert refusals(two.otto, two.competition_id, tmp_path, one) == ["task-has-submissions"]
    gone = changed(one, tasks__1=None)
    assert refusals(two.otto, two.competition_id, tmp_path, gone) == ["task-has-submissions"]
    assert PhaseTask.objects.filter(phase_id=two.phase_id).count() == 2


def test_a_column_with_scores_stays_as_it_is(flow: Flow, tmp_path: Path) -> None:
    renamed = changed(leaderboards__0__columns__1__key="secs")
    gone = changed(leaderboards__0__columns__1=None)
    computed = changed(
        leaderboards__0__columns__1={
            "title": "Seconds", "key": "seconds", "index": 1, "computation": "sum", "computation_indexes": [0]
        }
    )  # fmt: skip
    for version in (renamed, gone, computed):
        proposal(flow.otto, flow.competition_id, tmp_path, version)
    flow.scored(BOTH)
    for version in (renamed, gone, computed):
        assert refusals(flow.otto, flow.competition_id, tmp_path, version) == ["column-has-scores"]
    titled = changed(leaderboards__0__columns__1__title="Time", leaderboards__0__columns__1__hidden=True)
    update(flow.otto, flow.competition_id, tmp_path, titled)
    assert Score.objects.filter(superseded_at=None).count() == 2


def test_a_leaderboard_with_rows_stays(flow: Flow, tmp_path: Path) -> None:
    another = described(leaderboards=[board(key="other", title="Others")])
    proposal(flow.otto, flow.competition_id, tmp_path, another)
    automatic = described(leaderboards=[board(submission_rule="Force_Last")])
    update(flow.otto, flow.competition_id, tmp_path, automatic)
    flow.scored(BOTH)
    assert Entry.objects.count() == 1
    assert refusals(flow.otto, flow.competition_id, tmp_path, another) == ["leaderboard-has-entries"]
    # Without rows it is the scores that count: another board may show them.
    Entry.objects.all().delete()
    proposal(flow.otto, flow.competition_id, tmp_path, another)
    poorer = described(leaderboards=[board(key="other", title="Others", columns__1=None)])
    assert refusals(flow.otto, flow.competition_id, tmp_path, poorer) == ["column-has-scores"]


def test_an_answered_question_stays(flow: Flow, tmp_path: Path) -> None:
    update(flow.otto, flow.competition_id, tmp_path, described(fact_sheet=SHEET))
    flow.take_in(fact_sheet_answers={"how": "By eye.", "where": ""})
    # Nobody answered where.
    update(flow.otto, flow.competition_id, tmp_path, described(fact_sheet={"how": SHEET["how"]}))
    # A question that is not asked any more has no line: the whole sheet is gone.
    with pytest.raises(BundleError) as refused:
        proposal(flow.otto, flow.competition_id, tmp_path, DESCRIPTION)
    assert [problem.code for problem in refused.value.problems if problem.severity == "error"] == ["question-answered"]


def test_how_a_task_is_run_stays_while_it_is_run(flow: Flow, tmp_path: Path) -> None:
    ingesting = changed(tasks__0__ingestion_program="scoring_program")
    flow.take_in()
    assert refusals(flow.otto, flow.competition_id, tmp_path, ingesting) == ["task-running"]
    order = claimed(worker())
    assert refusals(flow.otto, flow.competition_id, tmp_path, ingesting) == ["task-running"]
    finish_scoring(order, BOTH)
    update(flow.otto, flow.competition_id, tmp_path, ingesting)
    assert Task.objects.get().ingestion_program_id is not None


def test_what_belongs_to_others_too_is_named_by_its_key(flow: Flow, tmp_path: Path) -> None:
    solved = described(solutions=[{"index": 0, "tasks": [0], "path": "reference_data", "name": "Sure"}])
    update(flow.otto, flow.competition_id, tmp_path, solved)
    task = Task.objects.get(name="Field")
    other = make_competition(flow.otto, tmp_path, changed(tasks__0={"index": 0, "key": str(task.key)}))
    assert PhaseTask.objects.filter(phase__competition_id=other, task=task).exists()
    version = changed(solved, tasks__0__name="Meadow", solutions__0__name="Surer")
    assert refusals(flow.otto, flow.competition_id, tmp_path, version) == ["task-shared", "solution-shared"]
    # As it is, and by its key, it does no harm.
    proposal(flow.otto, flow.competition_id, tmp_path, changed(solved, title="New"))
    by_key = changed(
        solved,
        tasks__0={"index": 0, "key": str(task.key)},
        solutions__0={"index": 0, "tasks": [0], "key": str(Solution.objects.get().key)},
    )
    assert lines(proposal(flow.otto, flow.competition_id, tmp_path, by_key)) == []


def test_all_reasons_come_at_once_and_nothing_is_changed(flow: Flow, tmp_path: Path) -> None:
    flow.scored(BOTH)
    version = described(
        title="Worse",
        tasks=[{"index": 0, "name": "Barn", "scoring_program": "scoring_program"}, *DESCRIPTION["tasks"]],
        phases=[{"name": "Final", "start": "2030-02-01", "tasks": [0]}],
        leaderboards=[board(columns__0__key="acc", columns__1__key="secs")],
    )
    version["tasks"][1] = version["tasks"][1] | {"index": 1}
    assert refusals(flow.otto, flow.competition_id, tmp_path, version) == [
        "phase-has-submissions",
        "column-has-scores",
        "column-has-scores",
    ]
    assert Competition.objects.get().title == "Count the sheep"
    assert Phase.objects.filter(competition_id=flow.competition_id).count() == 2


def test_what_is_missing_in_the_bundle_is_said_beside_what_would_be_lost(flow: Flow, tmp_path: Path) -> None:
    flow.take_in()
    nobodys = "11111111-1111-4111-8111-111111111111"
    version = described(
        phases=[{"name": "Final", "start": "2030-02-01", "tasks": [0], "public_data": nobodys}],
    )
    with pytest.raises(BundleError) as refused:
        proposal(flow.otto, flow.competition_id, tmp_path, version)
    found = {problem.code for problem in refused.value.problems if problem.severity == "error"}
    assert found == {"data-set-unknown", "phase-has-submissions"}


def test_notes_say_what_is_other_than_before(flow: Flow, tmp_path: Path) -> None:
    flow.scored(BOTH)
    flow.take_in()
    yard = {"index": 1, "name": "Yard", "scoring_program": "scoring_program"}
    version = changed(
        tasks__1=yard,
        phases__0__tasks=[0, 1],
        phases__1={"name": "Final", "start": "2030-01-05", "tasks": [0], "auto_migrate_to_this_phase": True},
        leaderboards__0__columns__2={"title": "F1", "key": "f1", "index": 2},
        leaderboards__0__submission_rule="Force_Best",
    )
    version["phases"][0]["end"] = "2030-01-05"
    files = {"terms.md": b"Be kind.\n", "scoring_program/score.py": b"print({})\n"}
    found = proposal(flow.otto, flow.competition_id, tmp_path, version, files)
    assert [code for code in codes(found) if code != "score-not-written"] == [
        "terms-accepted",
        "scores-stay",
        "runs-under-way",
        "task-added",
        "phase-migrates-now",
        "column-without-scores",
        "board-filled-anew",
    ]
    assert all(note.severity == "note" and note.file for note in found.notes[:7])


def test_a_stranger_s_task_is_never_changed(tmp_path: Path, db: None) -> None:
    eve, otto = make_person("eve"), make_person("otto")
    make_competition(eve, tmp_path)
    hers = Task.objects.get()
    Task.objects.update(is_public=True)
    made = make_competition(otto, tmp_path, changed(tasks__0={"index": 0, "key": str(hers.key)}))
    assert refusals(otto, made, tmp_path, changed(tasks__0__name="Mine now")) == ["task-shared"]
    hers.refresh_from_db()
    assert hers.name == "Field"
