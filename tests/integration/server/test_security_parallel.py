"""Everything at once: people, workers and organizers who act at the same moment neither wait for each other for ever
nor leave anything half done."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection
from tests.integration.server.competition_material import (
    described,
    make_competition,
    make_person,
    two_tasks,
    write_bundle,
)
from tests.integration.server.flow import (
    CODE,
    RESULT,
    SteppedClock,
    assert_all_chains_fit,
    finish_prediction,
    finish_scoring,
    say,
    worker,
)
from tests.integration.server.own_jobs import import_bundle
from tests.small_bundles import zipped

from podium.rules.access import ParticipantStatus
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.errors import ProgramError, UserError
from podium.rules.runs import TERMINAL
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Participant, Phase
from podium.server.competitions.services import decide, publish, register, unpublish
from podium.server.competitions.services import delete as delete_competition
from podium.server.files.models import DataSetType
from podium.server.files.services import complete_upload, open_upload, store
from podium.server.jobs.models import Job, JobState
from podium.server.leaderboards.models import Entry
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import add_to_board, remove_from_board
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.lifecycle import cancel, delete
from podium.server.submissions.services.migration import migrate_by_hand, migrate_due
from podium.server.submissions.services.submit import StoredUpload, SubmissionRequest, submit, submit_upload

_ROUNDS = 8
_QUOTA = 5

Deed = Callable[[random.Random], object]


@pytest.fixture(autouse=True)
def parallel_writers(transactional_db: None) -> None:
    """SQLite's database of the tests is in memory, where a second writer is refused instead of waiting."""
    if connection.vendor != "postgresql":
        pytest.skip("The tests' SQLite lies in memory and has one writer; the rows of PostgreSQL are what is locked.")


@pytest.fixture
def at() -> Iterator[SteppedClock]:
    stepped = SteppedClock()
    with clock.clock_at(stepped):
        yield stepped


@contextmanager
def _own_connection() -> Iterator[None]:
    try:
        yield
    finally:
        connection.close()


def _all_at_once(deeds: list[Callable[[], object]]) -> list[object]:
    """Do everything in a thread of its own, begun at the same moment; what they return or raise as UserError."""
    start = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> object:
        with _own_connection():
            start.wait()
            try:
                return deed()
            except UserError as error:
                return error

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))


def _again_and_again(deed: Deed, seed: int) -> Callable[[], None]:
    """The deed many times; that somebody else was faster is no failure, a deadlock or a broken constraint is."""

    def deeds() -> None:
        chance = random.Random(seed)
        for _ in range(_ROUNDS):
            with suppress(UserError, ProgramError):
                deed(chance)

    return deeds


def _sent(content: bytes, name: str = "mine.zip") -> StoredUpload:
    blob = store().put_stream([content], max_bytes=1 << 20)
    return StoredUpload(blob.sha256, blob.size_bytes, name)


def _competition(folder: Path, rule: SubmissionRule, **changes: object) -> tuple[int, int, Person]:
    otto = make_person("otto")
    description = two_tasks(**changes)
    description["phases"][0] |= {"max_submissions_per_day": 0, "max_submissions": 0}
    description["leaderboards"][0] |= {"submission_rule": rule.value}
    pk = make_competition(otto, folder, description)
    publish(otto, pk)
    return pk, Phase.objects.get(competition_id=pk).pk, otto


@pytest.mark.parametrize("rule", [SubmissionRule.FORCE_BEST, SubmissionRule.ADD_AND_DELETE_MULTIPLE])
def test_people_workers_and_organizers_never_lock_each_other_out(
    tmp_path: Path, at: SteppedClock, rule: SubmissionRule
) -> None:
    competition, phase, otto = _competition(tmp_path, rule)
    people = [make_person(name) for name in ("anna", "bea", "carl")]
    for person in people:
        register(person, competition, accepts_terms=True)
    worker("lab-1"), worker("lab-2")
    contents = [zipped(RESULT), zipped(CODE)]

    def send(chance: random.Random) -> None:
        by = chance.choice(people)
        submit_upload(by, SubmissionRequest(phase), _sent(chance.choice(contents)))

    def upload(chance: random.Random) -> None:
        by, content = chance.choice(people), chance.choice(contents)
        data_set, ticket = open_upload(by, DataSetType.SUBMISSION, "mine.zip", len(content))
        complete_upload(ticket.key, store().put_stream([content], max_bytes=1 << 20))
        data_set.refresh_from_db()
        submit(by, SubmissionRequest(phase), data_set)

    def work(chance: random.Random) -> None:
        name = chance.choice(["lab-1", "lab-2"])
        order = claim(worker(name), slot=chance.randrange(2))
        if order is None:
            return
        fate = chance.random()
        if fate < 0.15:
            say(order, "Failed", details="It did not work.", exit_code=1)
        elif fate < 0.25:
            return
        elif order["is_scoring"]:
            finish_scoring(order, {"accuracy": chance.random(), "seconds": chance.random()})
        else:
            finish_prediction(order)

    def one(chance: random.Random) -> tuple[Person, int]:
        rows = list(Submission.objects.values_list("pk", "owner_id"))
        pk, owner = chance.choice(rows) if rows else (0, 0)
        return chance.choice([otto, *(person for person in people if person.id == owner)]), pk

    def change(chance: random.Random) -> None:
        by, pk = one(chance)
        chance.choice([cancel, delete, add_to_board, add_to_board, remove_from_board])(by, pk)

    def let_in(chance: random.Random) -> None:
        newcomer = make_person(f"person-{chance.getrandbits(32)}")
        register(newcomer, competition, accepts_terms=True)
        participant = Participant.objects.get(user_id=newcomer.id).pk
        decide(otto, participant, ParticipantStatus.DENIED)

    def show(chance: random.Random) -> None:
        chance.choice([publish, publish, unpublish])(otto, competition)

    deeds = [let_in, let_in, show, send, send, upload, upload, work, work, work, work, change, change]
    _all_at_once([_again_and_again(deed, seed) for seed, deed in enumerate(deeds)])

    assert_all_chains_fit()
    # What is left is brought to its end: nothing hangs. A slot that asks again loses what it held.
    while Job.objects.filter(state__in=[JobState.WAITING, JobState.LEASED]).exists():
        for name in ("lab-1", "lab-2"):
            for slot in range(2):
                order = claim(worker(name), slot)
                if order is not None:
                    say(order, "Failed", details="The end.", exit_code=1)
        at.add(minutes=1)
    assert not Submission.objects.exclude(status__in=TERMINAL).exists()
    standing = set(Submission.objects.filter(on_board=True, is_deleted=False).values_list("pk", flat=True))
    assert set(Entry.objects.values_list("submission_id", flat=True)) == standing
    assert_all_chains_fit()


def test_of_forty_submissions_at_once_exactly_the_quota_gets_through(tmp_path: Path, at: SteppedClock) -> None:
    otto, anna = make_person("otto"), make_person("anna")
    phases = [{"name": "Only", "start": "2030-01-01", "tasks": [0], "max_submissions_per_day": _QUOTA}]
    pk = make_competition(otto, tmp_path, described(phases=phases))
    publish(otto, pk)
    register(anna, pk, accepts_terms=True)
    phase = Phase.objects.get(competition_id=pk).pk
    upload = _sent(zipped(RESULT))
    ends = _all_at_once([lambda: submit_upload(anna, SubmissionRequest(phase), upload)] * 40)
    refused = [end for end in ends if isinstance(end, UserError)]
    assert len(refused) == 40 - _QUOTA
    assert {error.status for error in refused} == {400}
    assert sorted(Submission.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_a_phase_that_organizers_and_the_site_take_over_at_once_gets_every_submission_once(
    tmp_path: Path, at: SteppedClock
) -> None:
    otto, anna = make_person("otto"), make_person("anna")
    tasks = [0]
    later = {"name": "Later", "start": "2030-02-01", "tasks": tasks, "auto_migrate_to_this_phase": True}
    sooner = {"name": "Sooner", "start": "2030-01-01", "end": "2030-02-01", "tasks": tasks}
    pk = make_competition(otto, tmp_path, described(phases=[sooner | {"max_submissions_per_day": 0}, later]))
    publish(otto, pk)
    register(anna, pk, accepts_terms=True)
    source, target = Phase.objects.filter(competition_id=pk).order_by("index")
    upload = _sent(zipped(RESULT))
    for _ in range(12):
        submit_upload(anna, SubmissionRequest(source.pk), upload)
        order = claim(worker(), 0)
        assert order is not None
        finish_scoring(order, {"accuracy": 0.5})
    at.add(days=30)
    by_hand: list[Callable[[], object]] = [lambda: migrate_by_hand(otto, source.pk)] * 3
    ends = _all_at_once([*by_hand, migrate_due, migrate_due])
    assert not [end for end in ends if isinstance(end, UserError)]
    sent = list(Submission.objects.filter(phase=source).order_by("pk").values_list("pk", flat=True))
    rows = Submission.objects.filter(phase=target).order_by("pk")
    assert list(rows.values_list("migrated_from", flat=True)) == sent
    assert list(rows.values_list("number", flat=True)) == list(range(1, 13))
    assert_all_chains_fit()


def test_who_asks_to_take_part_ten_times_at_once_asks_once(tmp_path: Path, at: SteppedClock) -> None:
    otto, anna = make_person("otto"), make_person("anna")
    pk = make_competition(otto, tmp_path)
    publish(otto, pk)
    ends = _all_at_once([lambda: register(anna, pk, accepts_terms=True)] * 10)
    assert [isinstance(end, UserError) for end in ends].count(False) == 1
    assert_all_chains_fit()


def test_a_run_is_given_to_one_of_many_slots_that_ask_at_once(tmp_path: Path, at: SteppedClock) -> None:
    otto, anna = make_person("otto"), make_person("anna")
    pk = make_competition(otto, tmp_path)
    publish(otto, pk)
    register(anna, pk, accepts_terms=True)
    submit_upload(anna, SubmissionRequest(Phase.objects.get(competition_id=pk, index=0).pk), _sent(zipped(RESULT)))
    lab = worker()
    orders = _all_at_once([lambda slot=slot: claim(lab, slot) for slot in range(10)])  # type: ignore[misc]
    assert [order is not None for order in orders].count(True) == 1


def test_imports_at_once_that_share_files_in_another_order_all_succeed(tmp_path: Path, at: SteppedClock) -> None:
    # The programs of the two tasks have each other's content, so that the bundles name the same files crosswise.
    tasks = [{"index": 0, "name": "One", "scoring_program": "a"}, {"index": 1, "name": "Two", "scoring_program": "b"}]
    contents = [f"command: python3 {number}.py\n".encode() for number in range(2)]
    bundles = []
    for first, second in ((0, 1), (1, 0)):
        files = {"a/metadata.yaml": contents[first], "b/metadata.yaml": contents[second]}
        phases = [{"name": "Only", "start": "2030-01-01", "tasks": [0, 1]}]
        bundles.append(write_bundle(tmp_path, described(tasks=tasks, phases=phases), files))
    people = [make_person(f"person-{number}") for number in range(8)]
    ends = _all_at_once(
        [
            lambda by=by, number=number: import_bundle(by, bundles[number % 2], "sheep.zip").id  # type: ignore[misc]
            for number, by in enumerate(people)
        ]
    )
    assert len(set(ends)) == len(people)


def test_a_competition_that_is_deleted_while_somebody_submits_either_goes_or_stays_whole(
    tmp_path: Path, at: SteppedClock
) -> None:
    otto, anna, bea = make_person("otto"), make_person("anna"), make_person("bea")
    upload = _sent(zipped(RESULT))
    for _ in range(8):
        pk = make_competition(otto, tmp_path)
        publish(otto, pk)
        register(anna, pk, accepts_terms=True)
        phase = Phase.objects.get(competition_id=pk, index=0).pk
        gone, sent, _ = _all_at_once(
            [
                lambda pk=pk: delete_competition(otto, pk),  # type: ignore[misc]
                lambda phase=phase: submit_upload(anna, SubmissionRequest(phase), upload),  # type: ignore[misc]
                lambda pk=pk: register(bea, pk, accepts_terms=True),  # type: ignore[misc]
            ]
        )
        assert isinstance(gone, UserError) != isinstance(sent, UserError)
