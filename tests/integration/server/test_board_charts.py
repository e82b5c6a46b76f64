"""Charts of boards: drawn by the jobs process when somebody looks, and again when the board has changed."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from tests.integration.server import scene as scenes
from tests.integration.server.scene import Scene

from podium.server import clock
from podium.server.charts import services
from podium.server.charts.models import Chart
from podium.server.duties.internal import carry_out
from podium.server.duties.kinds import KINDS
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.services import take_next
from podium.server.jobs.internal.work import Work
from podium.server.leaderboards.models import Column

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def scene() -> Scene:
    made = scenes.make_scene()
    for days, (name, value) in enumerate((("anna", 0.5), ("bert", 0.75))):
        person = scenes.make_person(name)
        scenes.join(made.competition, person)
        at = clock.now() - timedelta(days=9 - days)
        scenes.scored(made, person, {"accuracy": value, "f1": 0.25, "duration": 1.0}, at=at, on_board=True)
    return made


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """The process that draws ends with each test."""
    yield
    services._renderer.close()


def _page(scene: Scene, who: str | None = None) -> str:
    client = Client()
    if who:
        client.force_login(scene.people[who])
    answer = client.get(f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def _work() -> int:
    """Do what waits, as the jobs process does. Returns how many jobs it were."""
    done = 0
    stopping = threading.Event()
    while (order := take_next(["charts"])) is not None:
        carry_out(KINDS[order.kind], Work(order, stopping), stopping)
        done += 1
    return done


def _pictures(page: str) -> list[str]:
    return [unescape(url) for url in re.findall(r'<img src="([^"]+/charts/[^"]+)"', page)]


def test_charts_come_after_the_first_look_and_stay_until_the_board_changes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _page(scene)
    assert _pictures(first) == []
    assert 'data-look="2"' in first
    _page(scene)
    assert InternalJob.objects.filter(kind="charts").count() == 1
    assert _work() == 1
    assert set(Chart.objects.values_list("kind", flat=True)) == {"time", "spread", "ranks"}
    page = _page(scene)
    assert "data-look" not in page
    assert "The best Accuracy went from 0.500 to 0.750 in 2 steps." in page
    for url in _pictures(page):
        answer = Client().get(url)
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.content.startswith(b"<svg")
        assert answer.content != Client().get(f"{url}&theme=dark").content
    assert _work() == 0
    monkeypatch.setattr(services, "_NOT_MORE_OFTEN", timedelta(0))
    carl = scenes.make_person("carl")
    scenes.join(scene.competition, carl)
    scenes.scored(scene, carl, {"accuracy": 0.875, "f1": 0.5, "duration": 1.0}, on_board=True)
    changed = _page(scene)
    # Meanwhile the last ones are shown.
    assert _pictures(changed) == _pictures(page)
    assert _work() == 1
    after = _pictures(_page(scene))
    assert len(after) == 2
    assert not set(after) & set(_pictures(page))
    # What is done again and again leaves one job behind.
    assert InternalJob.objects.filter(kind="charts").count() == 1


def test_a_hidden_first_column_has_no_charts_for_others(scene: Scene) -> None:
    Column.objects.filter(key="accuracy").update(hidden=True)
    _page(scene, "organizer")
    _page(scene, "user")
    assert _work() == 2
    assert "best Accuracy" in _page(scene, "organizer")
    seen = _page(scene, "user")
    assert "Accuracy" not in seen
    assert "best F1" in seen
    (url, _) = _pictures(seen)
    client = Client()
    client.force_login(scene.people["organizer"])
    assert b"Accuracy" in client.get(url).content
    assert b"Accuracy" not in Client().get(url).content


def test_an_empty_board_asks_for_no_charts() -> None:
    assert "data-look" not in _page(scenes.make_scene())
    assert InternalJob.objects.count() == 0


def test_a_board_without_a_score_in_its_first_column_is_not_looked_at_again_and_again(scene: Scene) -> None:
    Column.objects.filter(key="accuracy").update(key="nothing", title="Nothing")
    _page(scene)
    assert _work() == 1
    page = _page(scene)
    assert "data-look" not in page
    assert _pictures(page) == []


@pytest.mark.parametrize("kind", ["time", "nothing"])
def test_a_chart_that_is_not_there_is_explained(scene: Scene, kind: str) -> None:
    board = scene.competition.leaderboards.get()
    address = f"/competitions/{scene.competition.pk}/results/{scene.phase.pk}/{board.pk}/charts/{kind}/"
    answer = Client().get(address)
    assert answer.status_code == 404
    assert b"no such chart yet" in answer.content
