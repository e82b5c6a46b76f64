"""Exactly as many submissions get through as a phase allows, however many arrive at the same moment."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from tests.integration.live.conftest import QuietSite
from tests.small_bundles import small_bundle

pytestmark = pytest.mark.slow

LIMIT = 7
AT_ONCE = 100


@dataclass
class Entrant:
    """Who submits the same file again and again, to one phase, by way of both web processes."""

    site: QuietSite
    phase: int
    data: str

    def post(self, url: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Token {self.site.token}"}
        return httpx.post(f"{url}/api/{path}", json=body, headers=headers, timeout=120)

    def send(self, number: int) -> Counter[str]:
        """What becomes of so many submissions that are posted at the same moment: 201, or the code of the refusal."""
        start = Barrier(number)
        urls = cycle([self.site.near.url, self.site.far.url])

        def one(url: str) -> str:
            start.wait()
            answer = self.post(url, "submissions/", {"phase": self.phase, "data": self.data})
            return "201" if answer.status_code == 201 else f"{answer.status_code} {answer.json()['code']}"

        with ThreadPoolExecutor(number) as threads:
            return Counter(threads.map(one, [next(urls) for _ in range(number)]))

    def alive(self) -> list[int]:
        """The submissions that were not cancelled: nobody runs them."""
        headers = {"Authorization": f"Token {self.site.token}"}
        address = f"{self.site.near.url}/api/submissions/"
        sent = httpx.get(address, params={"phase": self.phase}, headers=headers).json()
        return [each["id"] for each in sent if each["status"] != "Cancelled"]

    def cancel(self, pk: int) -> None:
        assert self.post(self.site.far.url, f"submissions/{pk}/cancel_submission/").status_code == 200


@pytest.fixture(params=["max_submissions", "max_submissions_per_day"])
def limit(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def entrant(quiet: QuietSite, tmp_path: Path, limit: str) -> Iterator[Entrant]:
    other = {"max_submissions": "max_submissions_per_day", "max_submissions_per_day": "max_submissions"}[limit]
    bundle = small_bundle(tmp_path / "bundle", phase={limit: LIMIT, other: 0})
    with quiet.client() as client:
        made = client.import_bundle(zipped_folder(bundle), publish=True)
        phase = client.competition(made.id).phases[0].id
        archive = tmp_path / "answer.zip"
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr("answer.txt", "a b c d")
        # The SDK's first submission leaves its file behind, and no trace in the quota.
        first = client.submit(phase, archive)
        headers = {"Authorization": f"Token {quiet.token}"}
        shown = httpx.get(f"{quiet.far.url}/api/datasets/", params={"_type": "submission"}, headers=headers).json()
        entrant = Entrant(quiet, phase, shown["results"][0]["key"])
        entrant.cancel(first.id)
        yield entrant
        # Other tests of the site take what waits.
        for pk in entrant.alive():
            entrant.cancel(pk)


def zipped_folder(folder: Path) -> Path:
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as content:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content.write(path, path.relative_to(folder))
    return target


def test_of_a_hundred_submissions_at_once_the_limit_gets_through_and_what_was_cancelled_is_given_back(
    entrant: Entrant, limit: str
) -> None:
    refusal = f"400 {'quota-total' if limit == 'max_submissions' else 'quota-day'}"
    assert entrant.send(AT_ONCE) == {"201": LIMIT, refusal: AT_ONCE - LIMIT}

    alive = entrant.alive()
    assert len(alive) == LIMIT
    for pk in alive[:3]:
        entrant.cancel(pk)
    assert entrant.send(20) == {"201": 3, refusal: 17}
