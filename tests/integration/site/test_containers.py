"""A site whose worker runs programs in containers of a real engine: from a submission to its score."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docker_engine import docker_engine, missing
from tests.requirements_on_machine import require
from tests.running_site import running_site
from tests.small_bundles import ECHO, result, scored_by

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


def test_a_submission_is_scored_in_a_container(tmp_path: Path) -> None:
    require(not missing("docker"), missing("docker"))
    with docker_engine() as engine:
        environment = {"PODIUM_SANDBOX": "docker", "PODIUM_DOCKER_HOST": engine.host}
        with running_site(tmp_path / "data", environment=environment) as site, site.client_of("olga") as olga:
            made = olga.import_bundle(scored_by(tmp_path, ECHO), publish=True)
            sent = olga.submit(olga.competition(made.id).phases[0].id, result(tmp_path, "0.75"))
            ended = olga.wait(sent.id, lambda _: None)
            assert ended.status == "Finished", ended
            assert [float(score.score) for score in ended.scores] == [0.75]
        # Whatever the site's worker did in the engine, it took with it when it ended.
        client = engine.client()
        try:
            assert client.api.containers(all=True) == []
            assert not client.api.volumes()["Volumes"]
        finally:
            client.close()
