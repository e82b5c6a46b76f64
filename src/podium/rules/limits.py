"""What programs may use: the names of the limits, how they are written, and what holds where several have a say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from podium.rules.errors import UserError

Amounts = Mapping[str, float]
"""Limits by their names: sizes in bytes, time in seconds, everything else a number."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]i?B|B)", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_UNITS |= {"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_UNIT_NAMES = ("B", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB")
_MIB = 1 << 20
_GIB = 1 << 30


@dataclass(frozen=True)
class Limit:
    """One limit. `default` holds where nobody says anything, `most` is what a site gives unless it says otherwise;
    nothing under `least` can be asked for. `of` is what follows the amount in a sentence."""

    name: str
    kind: Literal["size", "whole", "number", "seconds"]
    default: float
    most: float
    least: float
    of: str
    meaning: str


LIMITS: Mapping[str, Limit] = {
    limit.name: limit
    for limit in (
        Limit("memory", "size", 4 * _GIB, 8 * _GIB, 32 * _MIB, "of memory", "Memory of all its processes together."),
        Limit("cpus", "number", 2, 4, 0.1, "processors", "Processor cores."),
        Limit("processes", "whole", 256, 2048, 8, "processes", "Processes and threads."),
        Limit("output", "size", _GIB, 4 * _GIB, _MIB, "of output", "What it leaves in `/app/output`."),
        Limit("output_files", "whole", 10_000, 100_000, 10, "output files", "Files and folders in `/app/output`."),
        Limit("temporary", "size", _GIB, 4 * _GIB, _MIB, "of temporary files", "Files in `/tmp`."),
        Limit("shared_memory", "size", 256 * _MIB, _GIB, _MIB, "of shared memory", "Files in `/dev/shm`."),
        Limit(
            "program_folder",
            "size",
            256 * _MIB,
            _GIB,
            _MIB,
            "of files beside the program",
            "What it writes beside the program, in `/app/program`.",
        ),
        Limit("open_files", "whole", 1024, 8192, 64, "open files", "Files that one process has open."),
        Limit("log", "size", _MIB, 16 * _MIB, 4096, "of log", "What is kept of each of its two logs."),
    )
}
"""What a competition may ask for, by name."""

TIME = Limit("time", "seconds", 600, 3600, 1, "of time", "The longest that a step may take.")
"""The one limit that a competition does not ask for here: its phases have `execution_time_limit`."""

_ALL = {TIME.name: TIME, **LIMITS}
_MOST = float(1 << 50)


LIMITS_KEY = "limits"
"""Under `podium` of the competition, a phase or a task: what its programs may use. The narrower goes first."""


def limits_asked(written: object) -> dict[str, float]:
    """The limits that stand under `limits`, as they were checked when the bundle was read.

    Raises:
        UserError: one of them is no limit, or makes no sense.
    """
    if written is None:
        return {}
    if not isinstance(written, Mapping):
        raise UserError("limits-invalid", "Limits are a table of names and amounts.", _example())
    return {str(name): amount_of(str(name), value) for name, value in written.items() if value is not None}


def amount_of(name: str, value: object, *, known: Mapping[str, Limit] = LIMITS) -> float:
    """What is written for one limit, as a number.

    Raises:
        UserError: there is no such limit, or the amount makes no sense (`limit-unknown`, `limit-invalid`).
    """
    limit = known.get(name)
    if limit is None:
        raise UserError("limit-unknown", f"There is no limit {name!r}.", f"There are: {', '.join(known)}.")
    amount = _amount(limit, value)
    if amount is None:
        kinds = {"size": "a size such as 2 GiB or 500 MB", "whole": "a whole number", "seconds": "a number of seconds"}
        expected = kinds.get(limit.kind, "a number")
        raise UserError("limit-invalid", f"The limit {name} is {value!r:.60}.", f"Write {expected}.")
    if not limit.least <= amount <= _MOST:
        raise UserError(
            "limit-invalid",
            f"The limit {name} is {value!r:.60}; that is out of range.",
            f"The least is {written_amount(limit, limit.least)}.",
        )
    return amount


def _amount(limit: Limit, value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if limit.kind == "size":
        found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 40 else None
        return None if found is None else int(float(found[1]) * _UNITS[found[2].lower()])
    if isinstance(value, str):
        try:
            value = float(value) if len(value) < 40 else None
        except ValueError:
            return None
    # Neither infinity nor what is no number lies between the two.
    if not isinstance(value, int | float) or not -_MOST <= value <= _MOST:
        return None
    if limit.kind == "number":
        return float(value)
    return int(value) if value == int(value) else None


def limits_of_line(text: str, *, with_time: bool = False) -> dict[str, float]:
    """The limits that a line such as `memory=8 GiB, cpus=4` names; nothing where it is empty.

    Raises:
        UserError: something in it is no limit.
    """
    found: dict[str, float] = {}
    known = _ALL if with_time else LIMITS
    for part in (part.strip() for part in text.split(",")):
        if not part:
            continue
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise UserError("limits-invalid", f"{part!r:.60} is no limit.", _example())
        if name in found:
            raise UserError("limits-invalid", f"The limit {name!r} stands there twice.", "Name it once.")
        found[name] = amount_of(name, value, known=known)
    return found


def line_of_limits(amounts: Amounts) -> str:
    """The opposite of `limits_of_line`, exactly."""
    return ", ".join(f"{name}={_exact(limit, amounts[name])}" for name, limit in _ALL.items() if name in amounts)


def _exact(limit: Limit, amount: float) -> str:
    if limit.kind != "size":
        return f"{amount:.15g}"
    units = sorted(_UNIT_NAMES, key=lambda name: -_UNITS[name.lower()])
    unit = next(name for name in units if amount % _UNITS[name.lower()] == 0)
    return f"{int(amount) // _UNITS[unit.lower()]} {unit}"


def limits_given(asked: Amounts, defaults: Amounts, maxima: Amounts) -> dict[str, float]:
    """What a program may use: what was asked for, else the default, and never more than the maximum."""
    given = {}
    for name, limit in LIMITS.items():
        wanted = asked.get(name, defaults.get(name, limit.default))
        given[name] = min(wanted, maxima.get(name, limit.most))
    return given


def limits_refused(asked: Amounts, given: Amounts) -> dict[str, float]:
    """What was asked for and is not given in full, by name: the amounts asked for."""
    return {name: amount for name, amount in asked.items() if name in given and amount > given[name]}


def refusal(name: str, asked: float, given: float, *, who: str = "The competition") -> str:
    """A sentence on a limit that is not given in full."""
    limit = _ALL[name]
    wanted, had = (written_amount(limit, amount) for amount in (asked, given))
    return f"{who} asks for {wanted} {limit.of}; a run here gets {had}."


def in_words(amounts: Amounts, names: Iterable[str] = LIMITS) -> str:
    """Some limits in a row: "4 GiB of memory, 2 processors"."""
    shown = ((_ALL[name], amounts[name]) for name in names if name in amounts)
    return ", ".join(f"{written_amount(limit, amount)} {limit.of}" for limit, amount in shown)


def written_amount(limit: Limit, amount: float) -> str:
    """An amount as people write it."""
    if limit.kind == "size":
        return size(amount)
    if limit.kind == "seconds":
        return f"{int(amount)} s"
    return f"{amount:g}" if limit.kind == "number" else f"{int(amount)}"


def size(size_bytes: float) -> str:
    """A size as people write it, in binary units: "4 GiB"."""
    value = float(size_bytes)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.4g} {unit}"
        value /= 1024
    return f"{value:.4g} GiB"


def _example() -> str:
    return "Write them like memory=2 GiB, cpus=1.5, processes=64."
