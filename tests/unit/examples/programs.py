"""The programs of the examples as modules: they are scripts that know only the folders they run in."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

EXAMPLES = Path(__file__).parents[3] / "examples"


def load(script: Path) -> ModuleType:
    """A fresh module of a script, whose constants a test points elsewhere.

    Not by the import system: that would leave compiled files in the bundle.
    """
    module = ModuleType(script.stem)
    exec(compile(script.read_bytes(), script, "exec"), vars(module))
    return module
