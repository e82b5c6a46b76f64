"""What runs may use: what the competition asks for, as far as its queue, the site and their administrators give it."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.integration.server.competition_material import DESCRIPTION, described, make_person, write_bundle
from tests.integration.server.flow import Flow, SteppedClock, assert_all_chains_fit, begin, claimed, finish_scoring
from tests.integration.server.own_jobs import import_bundle
from tests.integration.server.test_queues import bound_worker
from typer.testing import CliRunner

from podium.cli.main import app
from podium.rules.errors import NotAllowed, NotFound
from podium.rules.limits import LIMITS
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.configuration import Configuration, configuration
from podium.server.jobs.place import crew_of
from podium.server.jobs.services import greet_worker
from podium.server.queues.models import Queue
from podium.server.queues.queries import queue_of_vhost
from podium.server.queues.services import QueuePowers, create_queue, empower_queue
from podium.server.submissions.models import Attempt
from podium.server.submissions.services.claim import claim

pytestmark = pytest.mark.django_db

GIB = 1 << 30
DEFAULTS = {name: limit.default for name, limit in LIMITS.items()}


def asking(**podium: Any) -> dict[str, Any]:
    """A description that asks for limits."""
    return described(podium={"limits": podium})


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id))
    return client


class TestOnTheSitesOwnWorkers:
    def test_who_asks_for_nothing_gets_the_defaults_and_no_network(self, time: SteppedClock, tmp_path: Path) -> None:
        flow = begin(tmp_path)
        flow.take_in()
        order = claimed(bound_worker("site"))
        assert order["limits"] == DEFAULTS
        assert order["network"] is False
        # The phase says nothing: 600 s (contract, 1.2).
        assert order["execution_time_limit"] == 600

    def test_the_task_goes_before_the_phase_and_the_phase_before_the_competition(
        self, time: SteppedClock, tmp_path: Path
    ) -> None:
        description = deepcopy(asking(memory="1 GiB", cpus=1, processes=32))
        description["phases"][0]["podium"] = {"limits": {"cpus": 0.5, "log": "64 KiB"}}
        description["tasks"][0]["podium"] = {"limits": {"processes": 64}}
        flow = begin(tmp_path, description)
        flow.take_in()
        asked = {"memory": GIB, "cpus": 0.5, "processes": 64, "log": 65536}
        assert claimed(bound_worker("site"))["limits"] == DEFAULTS | asked

    def test_more_than_the_site_gives_is_not_given_and_said_in_the_log_and_on_the_page(
        self, time: SteppedClock, tmp_path: Path
    ) -> None:
        flow = begin(tmp_path, asking(memory="64 GiB", cpus=2))
        made = flow.take_in()
        order = claimed(bound_worker("site"))
        # The site's maximum is 8 GiB (docs/reference/programs.md).
        assert order["limits"]["memory"] == 8 * GIB
        attempt = Attempt.objects.get()
        assert attempt.notes == ["The competition asks for 64 GiB of memory; a run here gets 8 GiB."]
        finish_scoring(order, {"accuracy": 1.0})
        page = client_of(flow.anna).get(f"/submissions/{made}/").content.decode()
        assert "asks for 64 GiB of memory" in page
        assert "600 s, 8 GiB of memory, 2 processors, no network" in page

    def test_the_import_says_what_will_not_be_given(self, tmp_path: Path) -> None:
        description = deepcopy(asking(memory="64 GiB"))
        description["phases"][0]["execution_time_limit"] = 7200
        made = import_bundle(make_person("otto"), write_bundle(tmp_path, description), "sheep.zip")
        assert [(note.code, note.severity) for note in made.notes if note.code == "limits-beyond"] == [
            ("limits-beyond", "note")
        ] * 2
        told = " ".join(note.message for note in made.notes)
        assert "The competition asks for 7200 s of time; a run here gets 3600 s." in told

    def test_the_setting_of_the_site_is_another_maximum(
        self, time: SteppedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(configuration(), "max_limits", "memory=128 GiB, processes=16")
        flow = begin(tmp_path, asking(memory="64 GiB"))
        flow.take_in()
        limits = claimed(bound_worker("site"))["limits"]
        # A default is held to the maximum as well.
        assert (limits["memory"], limits["processes"]) == (64 * GIB, 16)

    @pytest.mark.parametrize("line", ["memory", "memory=4", "memmory=4 GiB", "memory=4 GiB; cpus=2"])
    def test_a_setting_that_makes_no_sense_is_named(self, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PODIUM_MAX_LIMITS", line)
        with pytest.raises(ValueError, match="max_limits"):
            Configuration()


class TestInAQueue:
    @pytest.fixture
    def vhost(self, time: SteppedClock) -> UUID:
        return create_queue("gpu", make_person("owner"), is_public=True)

    def order(self, folder: Path, vhost: UUID, description: dict[str, Any]) -> dict[str, Any]:
        flow = begin(folder, description | {"queue": str(vhost)})
        flow.take_in()
        return claimed(bound_worker("lab", vhost))

    def test_its_defaults_and_maxima_take_the_place_of_the_sites(self, tmp_path: Path, vhost: UUID) -> None:
        powers = QueuePowers({"cpus": 3, "memory": 2 * GIB}, {"memory": 100 * GIB, "processes": 20})
        empower_queue(None, queue_of_vhost(vhost).id, powers)
        limits = self.order(tmp_path, vhost, asking(memory="64 GiB", processes=100))["limits"]
        assert limits == DEFAULTS | {"cpus": 3, "memory": 64 * GIB, "processes": 20}

    def test_a_phase_has_its_own_time_unless_the_queue_says_otherwise(self, tmp_path: Path, vhost: UUID) -> None:
        description = deepcopy(DESCRIPTION)
        # Above what the site gives on its own workers, 3600 s (contract, 2.3).
        description["phases"][0]["execution_time_limit"] = 7200
        assert self.order(tmp_path, vhost, description)["execution_time_limit"] == 7200

    def test_a_queue_may_have_a_longest_time(self, tmp_path: Path, vhost: UUID) -> None:
        empower_queue(None, queue_of_vhost(vhost).id, QueuePowers(limit_maxima={"time": 90}))
        assert self.order(tmp_path, vhost, deepcopy(DESCRIPTION))["execution_time_limit"] == 90

    def test_the_network_is_off_until_an_administrator_switches_it_on(self, tmp_path: Path, vhost: UUID) -> None:
        admin = make_person("admin", is_admin=True)
        (tmp_path / "before").mkdir()
        assert self.order(tmp_path / "before", vhost, deepcopy(DESCRIPTION))["network"] is False
        empower_queue(admin, queue_of_vhost(vhost).id, QueuePowers(network=True))
        flow = Flow(*_first_competition())
        made = flow.take_in()
        order = claimed(bound_worker("other", vhost))
        assert order["network"] is True
        finish_scoring(order, {"accuracy": 1.0})
        anna = client_of(flow.anna)
        assert "the network" in anna.get(f"/submissions/{made}/").content.decode()
        assert "programs reach other machines" in anna.get(f"/competitions/{flow.competition_id}/").content.decode()
        assert_all_chains_fit()

    def test_a_worker_without_a_network_takes_no_run_that_has_one(self, tmp_path: Path, vhost: UUID) -> None:
        quiet = create_queue("quiet", make_person("second"), is_public=True)
        empower_queue(None, queue_of_vhost(vhost).id, QueuePowers(network=True))
        lab = bound_worker("lab", vhost, quiet)
        why = "Programs get no network: slirp4netns missing. <b>Install</b> it."
        greet_worker(lab, slots=2, report=[], sandbox="bubblewrap", no_network=why)
        flow = begin(tmp_path, deepcopy(DESCRIPTION) | {"queue": str(vhost)})
        made = flow.take_in()
        assert claim(lab, 0) is None
        # Nobody's fault, nobody's attempt: it waits, says why, and the administrators read what to do.
        assert Attempt.objects.count() == 0
        page = client_of(flow.anna).get(f"/submissions/{made}/").content.decode()
        assert "no worker there can give them one" in page
        admin = client_of(make_person("admin", is_admin=True))
        assert "slirp4netns missing. &lt;b&gt;Install" in admin.get("/workers/").content.decode()
        (row,) = [row for row in admin.get("/api/v1/workers/").json()["workers"] if row["name"] == "lab"]
        assert row["no_network"] == why
        # Nor does it keep the run waiting for ever: for that it has to be able to take it.
        assert crew_of(queue_of_vhost(vhost).id).last_able_at is None

        # As soon as it has one, it takes the run; a worker bound to other queues too never took it for one of no queue.
        greet_worker(lab, slots=2, report=[], sandbox="bubblewrap")
        assert crew_of(queue_of_vhost(vhost).id).last_able_at is not None
        assert claimed(lab)["network"] is True

    def test_it_takes_the_other_runs_of_its_queues(self, tmp_path: Path, vhost: UUID) -> None:
        networked = create_queue("networked", make_person("second"), is_public=True)
        empower_queue(None, queue_of_vhost(networked).id, QueuePowers(network=True))
        lab = bound_worker("lab", vhost, networked)
        greet_worker(lab, slots=2, report=[], sandbox="bubblewrap", no_network="None here.")
        begin(tmp_path, deepcopy(DESCRIPTION) | {"queue": str(vhost)}).take_in()
        assert claimed(lab)["network"] is False

    @pytest.mark.parametrize("name", ["owner", "stranger"])
    def test_nobody_else_switches_it_on(self, vhost: UUID, name: str) -> None:
        person = make_person(name) if name == "stranger" else _person("owner")
        found = queue_of_vhost(vhost)
        with pytest.raises(NotAllowed, match="administrator"):
            empower_queue(person, found.id, QueuePowers(network=True))
        client = client_of(person)
        posted = client.post(f"/my-work/queues/{found.id}/", {"do": "powers", "network": "on"})
        assert posted.status_code == 403
        # Neither does the page for its owner, nor the API, when they are sent more than they ask for.
        client.post(f"/my-work/queues/{found.id}/", {"name": "gpu", "network": "on", "limit_maxima": "memory=1 TiB"})
        body = json.dumps({"network": True, "limit_maxima": {"memory": 1 << 40}, "name": "gpu"})
        client.patch(f"/api/queues/{found.id}/", data=body, content_type="application/json")
        after = Queue.objects.get(pk=found.id)
        assert (after.network, after.limit_maxima, after.limit_defaults) == (False, {}, {})

    def test_a_stranger_learns_nothing_of_a_private_queue(self) -> None:
        vhost = create_queue("secret", make_person("keeper"))
        with pytest.raises(NotFound):
            empower_queue(make_person("stranger"), queue_of_vhost(vhost).id, QueuePowers(network=True))

    def test_an_administrator_sets_it_on_the_page(self, vhost: UUID) -> None:
        client = client_of(make_person("admin", is_admin=True))
        address = f"/my-work/queues/{queue_of_vhost(vhost).id}/"
        wrong = client.post(address, {"do": "powers", "limit_maxima": "memory=lots"})
        assert wrong.status_code == 400
        assert "The limit memory is" in wrong.content.decode()
        wishes = {"do": "powers", "limit_defaults": "cpus=1", "limit_maxima": "memory=64 GiB, time=90", "network": "on"}
        assert client.post(address, wishes).status_code == 302
        row = Queue.objects.get(vhost=vhost)
        assert (row.limit_defaults, row.limit_maxima, row.network) == (
            {"cpus": 1},
            {"memory": 64 * GIB, "time": 90},
            True,
        )
        assert "time=90, memory=64 GiB" in client.get(address).content.decode()

    def test_whoever_keeps_the_site_sets_it_by_command(self, vhost: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("podium.cli.queues.open_data_folder", lambda data: None)
        runner, words = CliRunner(), ["queue", "set", str(vhost)]
        done = runner.invoke(
            app,
            [*words, "--default", "cpus=1", "--max", "memory=64 GiB", "--network", "--runs-per-person", "3"],
        )
        assert done.exit_code == 0, done.output
        row = Queue.objects.get(vhost=vhost)
        assert (row.limit_defaults, row.limit_maxima, row.network, row.runs_per_person) == (
            {"cpus": 1},
            {"memory": 64 * GIB},
            True,
            3,
        )
        again = runner.invoke(app, [*words, "--default", "", "--no-network"])
        assert again.exit_code == 0
        row = Queue.objects.get(vhost=vhost)
        assert (row.limit_defaults, row.limit_maxima, row.network) == ({}, {"memory": 64 * GIB}, False)
        assert runner.invoke(app, [*words, "--max", "memory=lots"]).exit_code != 0


def _person(name: str) -> Person:
    from podium.server.accounts.queries import person_named

    return person_named(name)


def _first_competition() -> tuple[int, int, Person, Person]:
    from podium.server.competitions.models import Phase

    phase = Phase.objects.order_by("pk").first()
    assert phase is not None
    return phase.competition_id, phase.pk, _person("otto"), _person("anna")
