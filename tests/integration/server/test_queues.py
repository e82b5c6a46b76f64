"""Queues: who may let a competition use one, and which workers take its runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from tests.integration.server.competition_material import described, make_person, write_bundle
from tests.integration.server.flow import Flow, SteppedClock, assert_all_chains_fit, begin, claimed, finish_scoring
from tests.integration.server.own_jobs import import_bundle
from typer.testing import CliRunner, Result

from podium.cli.main import app
from podium.rules.errors import BundleError, UserError
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.jobs.models import Worker
from podium.server.jobs.services import register_worker, worker_of_token
from podium.server.queues.queries import queue_of_vhost
from podium.server.queues.services import create_queue
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.sweep import sweep

pytestmark = pytest.mark.django_db

Run = Callable[..., Result]


def imported(by: Person, folder: Path, vhost: UUID) -> Competition:
    made = import_bundle(by, write_bundle(folder, described(queue=str(vhost))), "sheep.zip")
    return Competition.objects.get(pk=made.id)


def bound_worker(name: str, *vhosts: UUID) -> Worker:
    register_worker(None, name, f"token of {name}", queue_ids=[queue_of_vhost(vhost).id for vhost in vhosts])
    return worker_of_token(f"token of {name}")


class TestWhoMayUseAQueue:
    @pytest.mark.parametrize("name", ["owner", "organizer", "admin"])
    def test_its_people_and_admins_use_a_private_one(self, tmp_path: Path, name: str) -> None:
        people = {role: make_person(role, is_admin=role == "admin") for role in ("owner", "organizer", "admin")}
        vhost = create_queue("gpu", people["owner"], organizers=[people["organizer"]])
        queue = imported(people[name], tmp_path, vhost).queue
        assert queue is not None
        assert queue.vhost == vhost

    def test_everybody_uses_a_public_one(self, tmp_path: Path) -> None:
        vhost = create_queue("shared", make_person("owner"), is_public=True)
        queue = imported(make_person("stranger"), tmp_path, vhost).queue
        assert queue is not None
        assert queue.vhost == vhost

    def test_a_foreign_one_is_an_error_in_the_words_for_one_that_is_not_there(self, tmp_path: Path) -> None:
        vhost = create_queue("gpu", make_person("owner"))
        with pytest.raises(BundleError) as caught:
            imported(make_person("stranger"), tmp_path, vhost)
        (problem,) = [each for each in caught.value.problems if each.severity == "error"]
        assert (problem.code, problem.message) == ("queue-unknown", f"There is no queue {vhost} that you may use.")
        assert not Competition.objects.exists()

    @pytest.mark.parametrize("name", ["", "   ", "x" * 65, "two\nlines"])
    def test_a_name_that_does_not_do_is_refused(self, name: str) -> None:
        owner = make_person("owner")
        with pytest.raises(UserError, match="1 to 64 characters"):
            create_queue(name, owner)


class TestWhoTakesItsRuns:
    @pytest.fixture
    def vhost(self, time: SteppedClock) -> UUID:
        return create_queue("gpu", make_person("owner"), is_public=True)

    @pytest.fixture
    def queued(self, tmp_path: Path, vhost: UUID) -> Flow:
        return begin(tmp_path, described(queue=str(vhost)))

    def test_only_workers_that_are_bound_to_the_queue(self, queued: Flow, vhost: UUID) -> None:
        made = queued.take_in()
        other = create_queue("cpu", queued.otto)
        assert claim(bound_worker("site"), 0) is None
        assert claim(bound_worker("elsewhere", other), 0) is None
        order = claimed(bound_worker("lab", other, vhost))
        assert order["id"] == made
        finish_scoring(order, {"accuracy": 1.0})
        assert_all_chains_fit()

    def test_a_bound_worker_leaves_the_sites_own_runs_alone(self, flow: Flow) -> None:
        vhost = create_queue("gpu", flow.otto)
        made = flow.take_in()
        assert claim(bound_worker("lab", vhost), 0) is None
        assert claimed(bound_worker("site"))["id"] == made

    def test_a_lost_run_goes_back_to_its_queue(self, queued: Flow, vhost: UUID, time: SteppedClock) -> None:
        queued.take_in()
        lab = bound_worker("lab", vhost)
        first = claimed(lab)
        time.add(hours=1)
        assert sweep() == 1
        time.add(hours=1)
        assert claim(bound_worker("site"), 0) is None
        again = claimed(lab)
        assert (again["id"], again["attempt"]) == (first["id"], 2)

    def test_a_new_token_binds_a_worker_anew(self, flow: Flow, vhost: UUID) -> None:
        made = flow.take_in()
        bound_worker("lab", vhost)
        assert claimed(bound_worker("lab"))["id"] == made


class TestCommands:
    @pytest.fixture
    def run(self, data_folder: Path) -> Run:
        (data_folder / "podium.sqlite3").touch()

        def run(*words: str) -> Result:
            return CliRunner().invoke(app, [*words, "--data", str(data_folder)])

        return run

    def test_create_prints_the_vhost_which_list_and_show_then_know(self, run: Run, tmp_path: Path) -> None:
        otto, bea = make_person("otto"), make_person("bea")
        created = run("queue", "create", "gpu", "--owner", "otto", "--organizer", "bea@example.org")
        vhost = UUID(created.stdout.strip())
        imported(bea, tmp_path, vhost)
        token = run("token", "create", "--worker", "lab", "--queue", str(vhost)).stdout.strip()
        assert list(worker_of_token(token).queues.values_list("vhost", flat=True)) == [vhost]

        expected = {
            "vhost": str(vhost),
            "name": "gpu",
            "owner": otto.name,
            "organizers": ["bea"],
            "public": False,
            "network": False,
            "default": "",
            "max": "",
            "runs_per_person": None,
            "workers": ["lab"],
            "waiting": 0,
            "competitions": ["Count the sheep"],
        }
        assert json.loads(run("queue", "list", "--json").stdout) == [expected]
        assert json.loads(run("queue", "show", str(vhost), "--json").stdout) == expected
        assert f"{vhost}  gpu" in run("queue", "list").stdout
        shown = run("queue", "show", str(vhost)).stdout
        assert "competitions    Count the sheep\n" in shown
        assert "public          no\n" in shown

    def test_a_vhost_that_is_none_and_one_that_is_unknown_are_told_apart(self, run: Run) -> None:
        assert isinstance(error := run("queue", "show", "gpu").exception, UserError)
        assert error.code == "vhost-invalid"
        assert isinstance(error := run("queue", "show", str(UUID(int=7))).exception, UserError)
        assert error.code == "queue-unknown"

    def test_only_a_worker_is_bound_to_a_queue(self, run: Run) -> None:
        result = run("token", "create", "otto", "--queue", str(UUID(int=7)))
        assert result.exit_code == 2
        assert "--worker" in result.output
