"""The edge of the command line: what becomes of errors, and how fast help is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from podium.cli import main
from podium.rules.errors import ArchiveError, BundleError, InternalError, PodiumError, Problem, ProgramError, UserError


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (UserError("x", "It is late.", "Go home."), ["Error: It is late.", "Go home."]),
        (ProgramError("exit-code", "It failed.", "See the log."), ["Error: It failed. See the log."]),
        (
            BundleError(
                [
                    Problem("b", "Odd.", file="competition.yaml", line=4, severity="note"),
                    Problem("a", "Bad.", "Mend it.", file="competition.yaml", line=2, column=7),
                ]
            ),
            [
                "Error: The bundle has 1 problem.",
                "Correct what is named below and try again.",
                "competition.yaml:2:7: Bad. Mend it.",
                "note: competition.yaml:4: Odd.",
            ],
        ),
        (
            ArchiveError([Problem("archive-not-zip", "a.zip is not a zip file.", "Pack it.", file="a.zip")]),
            ["Error: a.zip is not a zip file.", "Pack it."],
        ),
    ],
)
def test_errors_are_told_line_by_line(error: PodiumError, lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main.tell(error)
    assert capsys.readouterr().err.splitlines() == lines


def test_a_fault_of_ours_comes_with_its_reference(capsys: pytest.CaptureFixture[str]) -> None:
    error = InternalError("The disk is gone.")
    main.tell(error)
    assert error.reference in capsys.readouterr().err


def test_an_error_ends_the_command_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise UserError("x", "No.")

    monkeypatch.setattr(main, "app", fails)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1


def test_help_imports_nothing_heavy() -> None:
    # Time depends on the machine; what is imported does not.
    program = (
        "import sys; sys.argv = ['podium', '--help']\n"
        "from podium.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = ('django', 'rich', 'pydantic', 'httpx', 'yaml', 'numpy', 'podium.server', 'podium.sandbox')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    shown = ended.stdout.splitlines()
    assert shown[-1] == "[]"
    for command in ("up", "run", "import", "submit", "leaderboard", "worker", "runtime", "user", "token"):
        assert any(line.split()[:1] == [command] for line in shown), command


def test_wrong_usage_ends_with_2() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "podium.cli.main", "run", "--no-such-option"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "--no-such-option" in ended.stderr
