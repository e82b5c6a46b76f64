"""Whatever a bundle holds, linting it ends with a report, or with an error of ours."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.rules.bundle.bundles import FILES, SMALL

from podium.cli.local.lint import lint_path
from podium.rules.errors import Problem

YAML = SMALL.replace(
    "    scoring_program: scoring/\n",
    "    scoring_program: program.zip\n    ingestion_program: scoring\n    input_data: data.zip\n",
).replace(
    "phases:\n",
    "solutions:\n  - {index: 0, tasks: [0], path: mine.zip, podium: {expected_scores: {accuracy: 1}}}\nphases:\n",
)
COMMANDS = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(str.encode),
    st.lists(st.sampled_from(["python", "score.py", "$program/", "-m", "'", "..", "/", "&&", " ", "\n"])).map(
        lambda words: b"command: " + " ".join(words).encode()
    ),
)
VALUES = st.recursive(
    st.sampled_from(["null", "[]", "{}", "0", "-1", "1e400", "yes", "x", "''", "2026-01-01", "*a", "../x", "mine.zip"]),
    lambda inner: (
        st.builds("[{}, {}]".format, inner, inner) | st.builds("{{accuracy: {}, 0: {}}}".format, inner, inner)
    ),
    max_leaves=4,
)


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def problems_of(folder: Path, files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    path = folder / "bundle.zip"
    path.write_bytes(zipped({**FILES, "competition.yaml": YAML.encode(), **files}))
    return lint_path(path).problems


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def test_the_bundle_that_is_changed_here_has_no_error_as_it_is(folder: Path) -> None:
    program = zipped({"metadata": b"command: python x.py", "x.py": b"accuracy"})
    found = problems_of(folder, {"program.zip": program, "mine.zip": zipped({"a": b"1"})})
    assert [problem for problem in found if problem.severity == "error"] == []


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    metadata=COMMANDS, name=st.sampled_from(["metadata", "metadata.yaml", "x/metadata"]), text=st.binary(max_size=80)
)
def test_any_program_is_reported_on(folder: Path, metadata: bytes, name: str, text: bytes) -> None:
    program = zipped({name: metadata, "score.py": text})
    for problem in problems_of(folder, {"program.zip": program, "mine.zip": program, "scoring/metadata": metadata}):
        assert problem.message
        assert problem.line is None or problem.line >= 1
        assert problem.column is None or problem.column >= 1


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_zip_with_changed_bytes_is_reported_on(folder: Path, data: st.DataObject) -> None:
    content = bytearray(zipped({"metadata": b"command: python score.py", "score.py": b"accuracy " * 30}))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    damaged = bytes(content[:cut])
    problems_of(folder, {"program.zip": damaged, "data.zip": damaged, "mine.zip": damaged})


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_yaml_with_other_values_is_reported_on(folder: Path, data: st.DataObject) -> None:
    lines = YAML.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[number].partition(":")
        lines[number] = f"{key}: {data.draw(VALUES)}" if colon else data.draw(VALUES)
    problems_of(folder, {"competition.yaml": "\n".join(lines).encode(), "program.zip": zipped({"a": b"1"})})
