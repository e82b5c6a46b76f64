"""Bundles of competitions over HTTP."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.integration.server.api.caller import Caller
from tests.integration.server.competition_material import make_competition, make_person

from podium.blobs.archives import ZipSource
from podium.rules.bundle import read_bundle
from podium.server.exports.queries import dumps_of
from podium.server.files.services import store

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("by_key", [False, True])
def test_the_bundle_is_complete_when_the_answer_comes(tmp_path: Path, by_key: bool) -> None:
    anna = make_person("anna")
    pk = make_competition(anna, tmp_path)
    made = Caller(anna).post(f"competitions/{pk}/create_dump/", {"keys_instead_of_files": by_key})
    assert made.status_code == 201
    told = made.json()
    assert [str(row.key) for row in dumps_of(anna, pk)] == [told["key"]]
    assert told["file_name"] == "count-the-sheep.zip"
    assert urlsplit(told["url"]).path == f"/blobs/{told['sha256']}/count-the-sheep.zip"
    bundle = store().path(told["sha256"])
    assert bundle.stat().st_size == told["size"]
    with ZipSource(bundle) as source:
        assert [task.key is not None for task in read_bundle(source).require().tasks] == [by_key]


def test_whoever_had_the_bundle_made_finds_it_among_their_data_sets(tmp_path: Path) -> None:
    anna = make_person("anna")
    caller = Caller(anna)
    key = caller.post(f"competitions/{make_competition(anna, tmp_path)}/create_dump/").json()["key"]
    response = caller.client.get(f"/datasets/download/{key}/", headers=caller.headers)
    assert (response.status_code, response["Location"].split("?")[0].rsplit("/", 1)[-1]) == (302, "count-the-sheep.zip")
