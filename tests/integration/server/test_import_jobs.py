"""Imports as jobs: once, whoever is killed; and of those that make nothing, nothing is kept."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.integration.server.competition_material import DESCRIPTION, described, make_person, write_bundle
from tests.integration.server.flow import SteppedClock, assert_all_chains_fit
from tests.integration.server.own_jobs import do_jobs

from podium.rules.errors import BundleError
from podium.rules.runs import RunState
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Task
from podium.server.duties.internal import carry_out, sweep_internal_jobs
from podium.server.duties.kinds import KINDS
from podium.server.files.garbage import remove_unused_blobs
from podium.server.files.models import Blob, DataSet, DataSetType
from podium.server.files.services import store
from podium.server.imports import members
from podium.server.imports.jobs import cancel_import, send_bundle
from podium.server.imports.queries import IMPORT, import_status
from podium.server.jobs.internal.services import take_next
from podium.server.jobs.internal.work import Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Person:
    return make_person("anna")


def sent(by: Person, folder: Path, **changes: object) -> int:
    return send_bundle(by, write_bundle(folder, described(**changes)), "sheep.zip")


def taken() -> Work:
    order = take_next([IMPORT])
    assert order is not None
    return Work(order, threading.Event())


def work_on(work: Work) -> None:
    carry_out(KINDS[IMPORT], work, threading.Event())


def test_an_import_that_was_only_slow_makes_no_second_competition(
    anna: Person, tmp_path: Path, time: SteppedClock
) -> None:
    number = sent(anna, tmp_path)
    slow = taken()
    time.add(seconds=21)
    sweep_internal_jobs(KINDS)
    assert do_jobs() == 1
    # The first attempt comes to its end only now.
    work_on(slow)
    assert Competition.objects.count() == 1
    assert Task.objects.count() == 1
    assert import_status(anna, number).competition_id == Competition.objects.get().pk
    assert DataSet.objects.filter(type=DataSetType.COMPETITION_BUNDLE).count() == 1
    assert_all_chains_fit()


def test_one_that_is_lost_three_times_keeps_nothing_but_the_reason(
    anna: Person, tmp_path: Path, time: SteppedClock
) -> None:
    number = sent(anna, tmp_path)
    for _ in range(3):
        time.add(seconds=6)
        taken()
        time.add(seconds=21)
        assert sweep_internal_jobs(KINDS) == 1
    status = import_status(anna, number)
    assert status.state is RunState.FAILED
    assert status.error is not None
    assert status.error.code == "internal"
    assert "reference" in status.error.message
    assert not DataSet.objects.exists()


@pytest.mark.parametrize("how", ["banned", "inactive"])
def test_one_of_an_account_that_may_not_act_any_more_makes_nothing(anna: Person, tmp_path: Path, how: str) -> None:
    number = sent(anna, tmp_path)
    User.objects.filter(pk=anna.id).update(**({"is_banned": True} if how == "banned" else {"is_active": False}))
    assert do_jobs() == 1
    assert not Competition.objects.exists()
    assert not DataSet.objects.exists()
    error = import_status(anna, number).error
    assert error is not None
    assert error.code == "account-gone"


def test_one_of_an_account_that_was_deleted_ends(anna: Person, tmp_path: Path) -> None:
    sent(anna, tmp_path)
    DataSet.objects.all().delete()
    User.objects.filter(pk=anna.id).delete()
    assert do_jobs() == 1
    assert do_jobs() == 0
    assert not Competition.objects.exists()


def test_one_that_is_cancelled_while_it_stores_stops_and_keeps_nothing(
    anna: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = sent(anna, tmp_path)
    stored = members.pack_member

    def cancel_then_pack(*arguments: Any, **options: Any) -> object:
        cancel_import(anna, number)
        return stored(*arguments, **options)

    monkeypatch.setattr(members, "pack_member", cancel_then_pack)
    work_on(taken())
    assert not Competition.objects.exists()
    assert not DataSet.objects.exists()
    assert import_status(anna, number).state is RunState.CANCELLED


def test_a_failed_bundle_that_something_else_names_stays(anna: Person, tmp_path: Path) -> None:
    number = sent(anna, tmp_path, title=None)
    bundle = DataSet.objects.get(type=DataSetType.COMPETITION_BUNDLE)
    task = Task.objects.create(name="Odd", created_by_id=anna.id, created_at=clock.now(), scoring_program=bundle)
    assert do_jobs() == 1
    assert import_status(anna, number).state is RunState.FAILED
    task.refresh_from_db()
    assert task.scoring_program == bundle


def test_the_bytes_of_a_failed_bundle_are_swept_a_day_later(anna: Person, tmp_path: Path) -> None:
    sent(anna, tmp_path, title=None)
    sha256 = str(DataSet.objects.get().blob_id)
    do_jobs()
    assert store().exists(sha256)
    assert remove_unused_blobs() == 0
    moment = clock.now().timestamp() + 25 * 3600
    with clock.clock_at(lambda: datetime.fromtimestamp(moment, tz=UTC)):
        assert remove_unused_blobs() >= 1
    assert not store().exists(sha256)
    assert not Blob.objects.filter(pk=sha256).exists()


def test_its_problems_are_there_for_whoever_comes_back(anna: Person, tmp_path: Path) -> None:
    number = sent(anna, tmp_path, title=None, image="nothing.png")
    do_jobs()
    for _ in range(2):
        error = import_status(anna, number).error
        assert isinstance(error, BundleError)
        assert "nothing.png" in " ".join(str(problem) for problem in error.problems)


def test_how_much_is_stored_is_told_by_bytes_of_the_bundle(anna: Person, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    bundle = write_bundle(tmp_path, DESCRIPTION)
    send_bundle(anna, bundle, "sheep.zip")
    work = taken()
    advance = work.advance
    work.advance = lambda done, total, saying: (told.append((done, total)), advance(done, total, saying))[1]  # type: ignore[method-assign]
    work_on(work)
    stored = told[1:]
    # logo.png, the two files of scoring_program, and reference_data/truth.csv, as they are when unpacked.
    total = 70 + len(b"command: python3 score.py\n") + len(b"print({'accuracy': 1, 'seconds': 2})\n") + len(b"1,2\n")
    assert {each for _, each in stored} == {total}
    assert stored == sorted(stored)
    assert stored[-1] == (total, total)


def test_the_quota_counts_the_bundle_once(anna: Person, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, DESCRIPTION)
    send_bundle(anna, bundle, "sheep.zip")
    do_jobs()
    used = sum(DataSet.objects.filter(owner_id=anna.id).values_list("size_bytes", flat=True))
    otto = make_person("otto")
    User.objects.filter(pk=otto.id).update(quota_bytes=used)
    send_bundle(otto, bundle, "sheep.zip")
    do_jobs()
    assert Competition.objects.filter(created_by_id=otto.id).exists()
    User.objects.filter(pk=otto.id).update(quota_bytes=2 * used - 1)
    number = send_bundle(otto, bundle, "sheep.zip")
    do_jobs()
    error = import_status(otto, number).error
    assert error is not None
    assert error.code == "quota-full"
