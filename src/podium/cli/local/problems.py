"""Problems of a bundle in the forms that people and programs read: lines, JSON, SARIF 2.1.0."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from podium.cli.local.lint import LintReport
from podium.rules.errors import Problem

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_line(problem: Problem) -> tuple[str, str, str]:
    """The place, the code, and message with hint: the three parts of `file:line:column  code  message  hint`."""
    hint = f"  {problem.hint}" if problem.hint else ""
    return problem.place or "(bundle)", problem.code, f"{problem.message}{hint}"


def summary(report: LintReport) -> str:
    """One sentence: how much was found."""
    if not report.problems:
        return "No problems."
    return f"{_counted(report.errors, 'error')}, {_counted(report.notes, 'note')}."


def as_json(bundle: str, report: LintReport) -> dict[str, Any]:
    """The report as plain values; a line or column that nothing has is null."""
    return {
        "bundle": bundle,
        "errors": report.errors,
        "notes": report.notes,
        "problems": [asdict(problem) for problem in report.problems],
    }


def as_sarif(report: LintReport) -> dict[str, Any]:
    """The report as a SARIF log of one run. Places are relative to the folder or zip that was looked at."""
    codes = sorted({problem.code for problem in report.problems})
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "podium lint",
                        "version": version("podium"),
                        "rules": [{"id": code} for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, codes) for problem in report.problems],
            }
        ],
    }


def _result(problem: Problem, codes: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": problem.severity,
        "message": {"text": f"{problem.message} {problem.hint}".strip()},
    }
    if problem.file is not None:
        place: dict[str, Any] = {"artifactLocation": {"uri": quote(problem.file)}}
        if problem.line is not None:
            place["region"] = {"startLine": problem.line}
            if problem.column is not None:
                place["region"]["startColumn"] = problem.column
        result["locations"] = [{"physicalLocation": place}]
    return result


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
