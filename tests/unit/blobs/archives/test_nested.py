"""Looking into the folders and zips of a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.blobs.archives.zips import write_zip, zip_bytes

from podium.blobs.archives import NestedContents, open_source
from podium.rules.errors import ArchiveError, NotFound, TooLarge

INNER = zip_bytes([("metadata", b"command: x"), ("code/run.py", b"print()")])
MEMBERS = {"program.zip": INNER, "data/a/one.txt": b"1", "data/b.txt": b"22", "database.txt": b"no zip"}


@pytest.fixture(params=["zip", "folder"])
def bundle(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "zip":
        return write_zip(tmp_path / "bundle.zip", MEMBERS)
    for name, content in MEMBERS.items():
        path = tmp_path / "bundle" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "bundle"


def test_a_zip_is_looked_into_as_if_it_were_a_bundle(bundle: Path) -> None:
    with open_source(bundle) as source, NestedContents(source).inside("program.zip") as inside:
        assert sorted(inside.names()) == ["code/run.py", "metadata"]
        assert (inside.kind("code"), inside.kind("metadata"), inside.kind("x")) == ("folder", "file", None)
        assert inside.read("metadata", limit_bytes=100) == b"command: x"


def test_a_folder_is_looked_into_by_names_that_start_in_it(bundle: Path) -> None:
    with open_source(bundle) as source, NestedContents(source).inside("data") as inside:
        assert sorted(inside.names()) == ["a/one.txt", "b.txt"]
        assert (inside.kind("a"), inside.kind("b.txt"), inside.kind("base.txt")) == ("folder", "file", None)
        assert inside.head("b.txt", 1) == b"2"
        with pytest.raises(TooLarge):
            inside.read("b.txt", limit_bytes=1)


def test_sizes_are_those_of_the_file_or_of_all_files_of_the_folder(bundle: Path) -> None:
    with open_source(bundle) as source:
        contents = NestedContents(source)
        assert contents.size("data") == 3
        assert contents.size("program.zip") == len(INNER)


def test_zips_are_looked_into_until_the_budget_is_spent(bundle: Path) -> None:
    with open_source(bundle) as source:
        contents = NestedContents(source, budget_bytes=2 * len(INNER) + 1)
        for _ in range(2):
            with contents.inside("program.zip") as inside:
                assert inside.names()
        with pytest.raises(TooLarge), contents.inside("program.zip"):
            pass
        with contents.inside("data") as inside:
            assert inside.names()


def test_what_is_no_zip_or_not_there_is_refused_by_its_own_name(bundle: Path) -> None:
    with open_source(bundle) as source:
        contents = NestedContents(source)
        with pytest.raises(ArchiveError, match=r"database\.txt") as refused, contents.inside("database.txt"):
            pass
        assert refused.value.code == "archive-not-zip"
        with pytest.raises(NotFound), NestedContents(source).inside("gone"):
            pass


def test_an_unsafe_zip_in_a_bundle_is_refused(tmp_path: Path) -> None:
    outer = write_zip(tmp_path / "bundle.zip", {"evil.zip": zip_bytes([("../up.txt", b"x")])})
    with open_source(outer) as source, pytest.raises(ArchiveError), NestedContents(source).inside("evil.zip"):
        pass
