"""Bundles to begin with, shipped with Podium."""

from __future__ import annotations

import json
import re
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from podium.rules.bundle.logo import draw_logo
from podium.rules.errors import UserError

KINDS = ("results", "code", "ingestion")
_LONGEST_TITLE = 256


def write_bundle(folder: Path, kind: str, title: str, start: date) -> None:
    """Write a working bundle of that kind into a new or empty folder.

    Raises:
        UserError: there is something in the folder, or the title cannot be one.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError("folder-not-empty", f"{folder} exists and is not empty.", "Choose another name.")
    if not title.strip() or len(title) > _LONGEST_TITLE or not title.isprintable():
        raise UserError(
            "title-invalid", f"The title needs 1 to {_LONGEST_TITLE} ordinary characters.", "Give one with --title."
        )
    shipped = files("podium.cli") / "templates"
    # JSON text is YAML text too, whatever the title has in it; it comes last, because it may look like a placeholder.
    filled = {"{{start}}": start.isoformat(), "{{title}}": json.dumps(title.strip(), ensure_ascii=False)}
    folder.mkdir(parents=True, exist_ok=True)
    for template in (shipped / "every", shipped / kind):
        _copy(template, folder, filled)
    (folder / "logo.png").write_bytes(draw_logo())


def title_of(name: str) -> str:
    """A title from the name of a folder: `my-first_task` becomes `My first task`."""
    words = re.sub(r"[-_\s]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _copy(template: Traversable, folder: Path, filled: dict[str, str]) -> None:
    for member in template.iterdir():
        if member.name == "__pycache__":
            continue
        target = folder / member.name
        if member.is_dir():
            target.mkdir(exist_ok=True)
            _copy(member, target, filled)
            continue
        text = member.read_text(encoding="utf-8")
        if member.name == "competition.yaml":
            for placeholder, value in filled.items():
                text = text.replace(placeholder, value)
        target.write_text(text, encoding="utf-8")
