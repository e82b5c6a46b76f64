import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

import podium.server.pages

STATIC = Path(podium.server.pages.__file__).parent / "static" / "podium"


@pytest.mark.django_db
def test_pages_name_files_by_their_content_and_weigh_little(settings: Any, data_folder: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    names = json.loads((data_folder / "static" / "staticfiles.json").read_text())["paths"]
    page = Client().get("/accounts/login/").content.decode()
    linked = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert set(linked) <= set(names.values())
    assert len(linked) >= 4
    weight = sum(len(gzip.compress((data_folder / "static" / name).read_bytes())) for name in linked)
    assert weight + len(gzip.compress(page.encode())) < 150_000


def test_the_stylesheet_is_small_and_asks_no_other_host() -> None:
    sheet = (STATIC / "podium.css").read_text()
    assert len(sheet.encode()) < 25_000
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_colours_stand_in_tokens_only() -> None:
    _, rest = (STATIC / "podium.css").read_text().split("}", 1)
    rest = re.sub(r"light-dark\([^)]*\)", "", rest)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rest) == []
