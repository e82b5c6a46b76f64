"""What the checks beyond the YAML find: programs, archives, scores, expectations."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from tests.unit.rules.bundle.bundles import FILES, PNG, SMALL, MemorySource, changed

from podium.rules.bundle import BundleSource, read_bundle
from podium.rules.bundle.checks import check_bundle
from podium.rules.errors import ArchiveError, Problem, TooLarge

GOOD = {"scoring/score.py": b'scores = {"accuracy": 1}\n'}


class MemoryContents:
    """Looks into the folders and zips of a MemorySource; `too_large` names zips that are not looked into."""

    def __init__(self, source: MemorySource, too_large: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.too_large = too_large

    def size(self, name: str) -> int:
        return sum(len(content) for file, content in self.source.files.items() if f"{file}/".startswith(f"{name}/"))

    @contextmanager
    def inside(self, name: str) -> Iterator[BundleSource]:
        if name in self.too_large:
            raise TooLarge("file-large", name)
        if self.source.kind(name) == "folder":
            prefix = f"{name}/"
            files = {file.removeprefix(prefix): text for file, text in self.source.files.items() if prefix in file}
        else:
            try:
                with zipfile.ZipFile(io.BytesIO(self.source.files[name])) as archive:
                    files = {member: archive.read(member) for member in archive.namelist()}
            except zipfile.BadZipFile as failure:
                raise ArchiveError([Problem("archive-damaged", f"{name} is damaged.", "Pack it again.")]) from failure
        yield MemorySource(files)


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def check(files: Mapping[str, bytes] | None = None, yaml: str = SMALL, **options: frozenset[str]) -> list[Problem]:
    source = MemorySource({**FILES, **GOOD, "competition.yaml": yaml.encode(), **(files or {})})
    return list(check_bundle(source, read_bundle(source), MemoryContents(source, **options)))


def found(files: Mapping[str, bytes] | None = None, yaml: str = SMALL) -> list[tuple[str, str, str]]:
    """Severity, code and place of all problems."""
    return [(problem.severity, problem.code, problem.place) for problem in check(files, yaml)]


def test_a_bundle_whose_parts_fit_together_has_nothing_to_say() -> None:
    assert found() == []


def test_a_command_that_starts_a_missing_file_is_an_error_at_the_command_with_the_likely_file() -> None:
    (problem,) = check({"scoring/metadata.yaml": b"# runs it\ncommand: python scores.py\n"})
    assert (problem.severity, problem.code) == ("error", "program-no-script")
    # "command: " has nine characters; what it runs begins in the tenth column.
    assert problem.place == "scoring/metadata.yaml:2:10"
    assert problem.hint == 'Did you mean "score.py"?'


def test_a_file_of_the_same_name_in_a_folder_is_the_likely_one() -> None:
    (problem,) = check({"scoring/metadata.yaml": b"command: python run.py\n", "scoring/code/run.py": b'"accuracy"'})
    assert problem.hint == 'Did you mean "code/run.py"?'


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (b"command: python 'score.py\n", ("error", "program-command", "scoring/metadata.yaml:1:10")),
        (b"command: [python, score.py]\n", ("error", "program-metadata", "scoring/metadata.yaml")),
        (b"description: nothing\n", ("error", "program-no-command", "scoring/metadata.yaml")),
        (b"command: python score.py && echo\n", ("note", "program-shell", "scoring/metadata.yaml:1:10")),
        (b"x" * 70_000, ("error", "program-metadata", "scoring/metadata.yaml")),
    ],
)
def test_a_command_that_cannot_be_understood_is_named_in_its_file(
    metadata: bytes, expected: tuple[str, str, str]
) -> None:
    assert found({"scoring/metadata.yaml": metadata}) == [expected]


@pytest.mark.parametrize(
    "command", ["python $program/score.py", "python3 -u /app/program/score.py", "bash -c 'no such file'", "score"]
)
def test_commands_whose_file_is_there_or_cannot_be_told_are_fine(command: str) -> None:
    assert found({"scoring/metadata.yaml": f"command: {command}".encode()}) == []


def test_a_program_without_metadata_is_an_error_where_it_is_named_and_says_where_one_is() -> None:
    files = {"other.zip": zipped({"inner/metadata": b"command: x", "inner/score.py": b"accuracy"})}
    yaml = changed("scoring_program: scoring/", "scoring_program: other.zip")
    (problem,) = check(files, yaml)
    assert (problem.severity, problem.code, problem.place) == ("error", "program-no-metadata", "competition.yaml:8:22")
    assert 'the folder "inner"' in problem.hint


def test_programs_in_zips_are_looked_into_like_folders() -> None:
    files = {"other.zip": zipped({"metadata": b"command: python gone.py", "score.py": b"accuracy"})}
    yaml = changed("scoring_program: scoring/", "scoring_program: other.zip")
    assert found(files, yaml) == [("error", "program-no-script", "other.zip/metadata:1:10")]


def test_a_damaged_zip_is_an_error_where_it_is_named() -> None:
    yaml = changed("scoring_program: scoring/", "scoring_program: scoring/\n    input_data: bad.zip")
    assert found({"bad.zip": b"PK\x03\x04 and nothing more"}, yaml) == [
        ("error", "archive-damaged", "competition.yaml:9:17")
    ]


def test_single_files_of_data_and_empty_archives_are_notes() -> None:
    more = "scoring_program: scoring/\n    input_data: data.txt\n    reference_data: data.zip"
    yaml = changed("scoring_program: scoring/", more)
    assert found({"data.txt": b"1 2 3"}, yaml) == [
        ("note", "member-single-file", "competition.yaml:9:17"),
        ("note", "member-empty", "competition.yaml:10:21"),
    ]


@pytest.mark.parametrize(
    ("key", "name"), [("ingestion_program", "run.py"), ("reference_data", "truth.zip"), ("input_data", "DATA.ZIP")]
)
def test_a_program_that_is_a_single_file_and_what_is_a_zip_by_name_alone_are_errors(key: str, name: str) -> None:
    yaml = changed("scoring_program: scoring/", f"scoring_program: scoring/\n    {key}: {name}")
    column = len(key) + 7
    assert found({name: b"version 1"}, yaml) == [("error", "member-not-zip", f"competition.yaml:9:{column}")]


def test_the_keys_of_every_leaderboard_are_looked_for() -> None:
    boards = "        index: 0\n  - {title: More, key: more, columns: [{title: Seconds, key: seconds, index: 0}]}\n"
    assert found({}, changed("        index: 0\n", boards)) == [("note", "score-not-written", "competition.yaml:20:62")]


def test_what_is_too_large_to_be_looked_into_is_left_alone() -> None:
    yaml = changed("scoring_program: scoring/", "scoring_program: scoring/\n    input_data: bad.zip")
    assert check({"bad.zip": b"PK\x03\x04"}, yaml, too_large=frozenset({"bad.zip"})) == []


def test_a_key_that_no_text_mentions_is_a_note_at_the_column_with_the_likely_word() -> None:
    (problem,) = check({"scoring/score.py": b'print({"acuracy": 1})\n'})
    assert (problem.severity, problem.code, problem.place) == ("note", "score-not-written", "competition.yaml:18:14")
    assert problem.hint == 'Did you mean "acuracy"?'


def test_a_key_made_of_pieces_with_a_number_counts_as_mentioned() -> None:
    yaml = changed("key: accuracy", "key: set12_score")
    assert found({"scoring/score.py": b'f"set{number}_score"'}, yaml) == []
    assert [code for _, code, _ in found({"scoring/score.py": b'f"set{number}"'}, yaml)] == ["score-not-written"]


def test_a_computed_column_need_not_be_mentioned() -> None:
    more = """\
        index: 0
      - title: Mean
        key: mean_of_all
        index: 1
        computation: avg
        computation_indexes: [0]
"""
    assert found({}, changed("        index: 0\n", more)) == []


@pytest.mark.parametrize("content", [b"\x7fELF\0\0", b"x" * 600_000])
def test_a_program_that_is_not_all_readable_text_may_write_any_score(content: bytes) -> None:
    assert found({"scoring/score.py": b"run()", "scoring/scorer": content}) == []


def test_python_that_is_not_utf8_is_a_note_with_its_line_unless_it_says_so_itself() -> None:
    text = 'a = 1\nb = "é"  # accuracy\n'.encode("cp1252")
    assert found({"scoring/score.py": text}) == [("note", "text-encoding", "scoring/score.py:2")]
    assert found({"scoring/score.py": b"# coding: cp1252\n" + text}) == []


SOLVED = changed(
    "phases:\n",
    """\
solutions:
  - index: 4
    name: Mine
    tasks: [0]
    path: mine
phases:
""",
)


def test_a_solution_of_results_needs_no_metadata_and_bad_ones_of_code_are_notes() -> None:
    assert found({"mine/answer.txt": b"1"}, SOLVED) == []
    assert found({"mine/metadata": b"command: python gone.py"}, SOLVED) == [
        ("note", "program-no-script", "mine/metadata:1:10")
    ]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("expected_scores: 1", "must be a table"),
        ("expected_scores: {accuracy: high}", '"expected_scores.accuracy" is not a number'),
        ("expected_scores: {accuracy: true}", '"expected_scores.accuracy" is not a number'),
        ("expected_scores: {1: {accuracy: 1}}", 'under "1", which is no task'),
        ("expected_scores: {accuracy: 1}, tolerance: -1", '"tolerance" must be a number'),
        ("expected_scores: {acc: 1}", "no column has that key"),
        ("expected_scores: {0: {acc: 1}}", "no column has that key"),
    ],
)
def test_expected_scores_that_cannot_be_compared_are_an_error(written: str, sentence: str) -> None:
    yaml = changed("    path: mine\n", f"    path: mine\n    podium: {{{written}}}\n", SOLVED)
    (problem,) = check({"mine/a": b"1"}, yaml)
    assert (problem.severity, problem.code, problem.place) == ("error", "expected-scores", "competition.yaml:13:11")
    assert sentence in problem.message


def test_an_unknown_extension_is_a_note_at_its_key_with_the_likely_one() -> None:
    yaml = changed("    path: mine\n", "    path: mine\n    podium:\n      expected_score: {accuracy: 1}\n", SOLVED)
    (problem,) = check({"mine/a": b"1"}, yaml)
    assert (problem.severity, problem.code, problem.place) == ("note", "extension-unknown", "competition.yaml:15:7")
    assert problem.hint == 'Did you mean "expected_scores"?'


def test_extensions_are_known_at_their_own_level_alone() -> None:
    yaml = changed("title: Small\n", "title: Small\npodium: {tolerance: 1}\n")
    assert found({}, yaml) == [("note", "extension-unknown", "competition.yaml:3:10")]


def test_a_large_logo_is_a_note() -> None:
    assert found({"logo.png": PNG + bytes(1024 * 1024)}) == [("note", "image-large", "competition.yaml:3:8")]


def test_a_program_that_is_costly_to_copy_is_a_note() -> None:
    class Huge(MemoryContents):
        def size(self, name: str) -> int:
            return 250 * 1024**2 if name == "scoring" else super().size(name)

    source = MemorySource({**FILES, **GOOD, "competition.yaml": SMALL.encode()})
    (problem,) = check_bundle(source, read_bundle(source), Huge(source))
    assert (problem.code, problem.place) == ("program-large", "competition.yaml:8:22")
    assert "250 MiB" in problem.message


def test_files_are_checked_even_where_the_yaml_has_errors() -> None:
    yaml = changed("title: Small\n", "")
    assert found({"scoring/metadata.yaml": b"command: python gone.py"}, yaml) == [
        ("error", "program-no-script", "scoring/metadata.yaml:1:10")
    ]


def test_nothing_is_checked_where_the_yaml_cannot_be_read() -> None:
    assert found({}, "version: [") == []
    assert found({}, "just text") == []


def test_a_bundle_in_a_folder_is_checked_below_that_folder() -> None:
    files = {f"nested/{name}": content for name, content in {**FILES, **GOOD}.items()}
    files |= {"nested/competition.yaml": SMALL.encode(), "nested/scoring/score.py": b"nothing"}
    source = MemorySource(files)
    problems = check_bundle(source, read_bundle(source), MemoryContents(source))
    assert [problem.place for problem in problems] == ["nested/competition.yaml:18:14"]


def test_a_program_of_two_tasks_is_checked_once() -> None:
    more = "    scoring_program: scoring/\n  - {index: 1, name: Two, scoring_program: scoring}\n"
    yaml = changed("    scoring_program: scoring/\n", more)
    assert [code for _, code, _ in found({"scoring/metadata.yaml": b"x: y"}, yaml)] == ["program-no-command"]


def test_of_very_many_parts_the_first_are_looked_into_and_a_note_says_so() -> None:
    solutions = "".join(f"  - {{index: {n}, tasks: [0], path: many/s{n}}}\n" for n in range(300))
    yaml = changed("phases:\n", f"solutions:\n{solutions}phases:\n")
    files = {f"many/s{n}/metadata": b"command: python gone.py" for n in range(300)}
    codes = [code for _, code, _ in found(files, yaml)]
    # One of the 200 parts is the scoring program.
    assert (codes.count("too-many-parts"), codes.count("program-no-script")) == (1, 199)


@pytest.mark.parametrize("key", ["scoring_program", "ingestion_program"])
def test_a_program_of_python_2_in_a_zip_of_the_bundle_is_a_note_with_its_line(key: str) -> None:
    script = b"import sys\nprint 'accuracy'\n"
    files = {"old.zip": zipped({"metadata": b"command: python run.py", "run.py": script})}
    yaml = changed("    scoring_program: scoring/\n", f"    scoring_program: scoring/\n    {key}: old.zip\n")
    if key == "scoring_program":
        yaml = changed("scoring_program: scoring/", "scoring_program: old.zip")
    assert found(files, yaml) == [("note", "python2-program", "old.zip/run.py:2:1")]
