"""Tell submissions of results from submissions of code by the names of their files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from podium.rules.metadata import FILE_NAMES

_CODE = {".bash", ".c", ".cc", ".cpp", ".cs", ".f90", ".go", ".ipynb", ".jar", ".java", ".jl", ".js", ".kt", ".lua"}
_CODE |= {".m", ".mjs", ".php", ".pl", ".py", ".pyc", ".pyd", ".pyx", ".r", ".rb", ".rs", ".scala", ".sh", ".so", ".ts"}

WHY_FORGIVEN = "The submission holds no code, so its files count as results."
"""Why an ingestion program that failed does not end a prediction step."""


def are_results(names: Iterable[str]) -> bool:
    """Whether no file of a submission is its metadata file or looks like code; `names` are relative to its top.

    Competitions that take code and results run their ingestion program on both, and it stumbles over results.
    """
    return not any(name in FILE_NAMES or PurePosixPath(name).suffix.lower() in _CODE for name in names)
