"""The environments Podium knows how to build: which packages, pinned and hashed, on which Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from podium.rules.errors import UserError

ANY_PYTHON = (11, 12, 13)
"""Minor versions of CPython 3 that have wheels of all packages of the current lists."""


@dataclass(frozen=True)
class Recipe:
    """What a runtime is made from.

    `requirements` is the text of a requirements file; `hashed` is true where every line of it carries hashes.
    `minors` are the minor versions of CPython 3 that it works with, the ones to look for first in front.
    """

    name: str
    summary: str
    requirements: str
    minors: Sequence[int]
    hashed: bool = True

    @property
    def essence(self) -> str:
        """The requirements without comments: what decides whether two lists make the same runtime."""
        lines = (line.strip() for line in self.requirements.splitlines())
        return "\n".join(line for line in lines if line and not line.startswith("#"))

    @property
    def packages(self) -> tuple[str, ...]:
        """The requirements, one each, without hashes and comments."""
        wanted = (line for line in self.essence.splitlines() if not line.startswith("--hash"))
        return tuple(line.removesuffix("\\").strip() for line in wanted)


_SHIPPED = {
    "plain": ("Python and its standard library, nothing else", ANY_PYTHON),
    "science": (
        "current numpy, scipy, scikit-learn, pandas, pillow, matplotlib, pyyaml and psutil",
        ANY_PYTHON,
    ),
    "legacy-science": (
        "numpy 1.23, scipy 1.10, scikit-learn 1.2, pandas 1.5, matplotlib 3.7: what older competitions expect",
        (11,),  # numpy 1.23 has no wheels for later versions
    ),
}


def shipped_names() -> tuple[str, ...]:
    """The names of the runtimes that come with Podium."""
    return tuple(_SHIPPED)


def recipe(runtime: str) -> Recipe:
    """The recipe called `runtime`, or the one in the requirements file at that path (it must end in `.txt`).

    Raises:
        UserError: there is neither (`runtime-unknown`), or the file cannot be read (`runtime-list-unreadable`).
    """
    if runtime in _SHIPPED:
        summary, minors = _SHIPPED[runtime]
        return Recipe(runtime, summary, _shipped_list(runtime), minors)
    if runtime.endswith(".txt"):
        return _recipe_of_file(Path(runtime))
    raise UserError(
        "runtime-unknown",
        f"There is no runtime called {runtime!r}.",
        f"Podium ships {', '.join(_SHIPPED)}; the path of a requirements file ending in .txt works as well.",
    )


def _shipped_list(name: str) -> str:
    if name == "plain":
        return ""
    return files("podium.runtimes").joinpath(f"{name}.txt").read_text(encoding="utf-8")


def _recipe_of_file(path: Path) -> Recipe:
    if path.stem in _SHIPPED:
        raise UserError(
            "runtime-list-unreadable",
            f"The requirements file {path} has the name of a runtime that comes with Podium.",
            "Give the file another name.",
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            "runtime-list-unreadable",
            f"The requirements file {path} cannot be read: {error}.",
            "Correct the path in PODIUM_RUNTIME_MAP, or make the file readable.",
        ) from error
    return Recipe(path.stem, f"the packages of {path}", text, ANY_PYTHON, hashed="--hash=" in text)
