"""`podium doctor` beside a running site, and what its worker says of itself."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from tests.running_site import RunningSite, eventually

from podium.sandbox.bubblewrap.network import network_here
from podium.sandbox.doctor import ISOLATION, RESOURCES

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

RESOURCE_NAMES = [trial.limit for trial in RESOURCES]


def can_give_a_network() -> bool:
    """Whether this machine has what that needs."""
    return not network_here({})[1]


def test_a_running_site_is_well(site: RunningSite) -> None:
    site.token_of("doris")  # there is something to look at
    done = site.run("doctor", "--json", PODIUM_DISK_FLOOR_BYTES="1000000")
    content = json.loads(done.stdout)
    assert [check for check in content["site"]["checks"] if check["state"] == "failed"] == []
    assert done.returncode == 0
    assert content["healthy"] is True
    (workers,) = [check for check in content["site"]["checks"] if check["part"] == "workers"]
    assert workers["state"] == "in order"
    assert workers["detail"].startswith("local with ")


def test_the_worker_tells_of_every_limit_to_administrators_alone(site: RunningSite) -> None:
    token = site.token_of("adam", admin=True)

    def local() -> dict[str, Any]:
        answer = httpx.get(f"{site.url}/api/v1/workers/", headers={"Authorization": f"Token {token}"})
        (found,) = [worker for worker in answer.json()["workers"] if worker["name"] == "local"]
        assert isinstance(found, dict)
        return found

    names = [*(trial.limit for trial in ISOLATION), *(["network of queues"] * can_give_a_network()), *RESOURCE_NAMES]
    eventually(lambda: len(local()["limits"]) == len(names), "the worker has tried every limit")
    worker = local()
    assert worker["alive"] is True
    assert worker["sandbox"] == "bubblewrap"
    assert worker["refusal"] is None
    assert abs(worker["clock_skew_s"]) < 30
    assert [line["limit"] for line in worker["limits"]] == names
    kept_inside = {line["enforcement"] for line in worker["limits"] if line["kind"] == "isolation"}
    assert kept_inside == {"enforced"}
    assert (worker["no_network"] is None) == can_give_a_network()
    assert "not enforced" not in {line["enforcement"] for line in worker["limits"]}
    refused = httpx.get(f"{site.url}/api/v1/workers/", headers={"Authorization": f"Token {site.token_of('eve')}"})
    assert refused.status_code == 403
