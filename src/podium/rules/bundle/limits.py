"""The limits of programs that stand under `podium` of the competition, a phase or a task."""

from __future__ import annotations

from collections.abc import Mapping

from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import CompetitionSpec, PhaseSpec, TaskSpec
from podium.rules.errors import UserError
from podium.rules.limits import LIMITS, LIMITS_KEY, Limit, amount_of, limits_asked

_SIZES = "A size such as 2 GiB or 500 MB."


def check_limits(section: Section, extensions: Mapping[str, object]) -> None:
    """An error for each limit that is none, or makes no sense."""
    written = extensions.get(LIMITS_KEY)
    if written is None:
        return
    mark = section.mark("podium")
    path = f"{section.path}.podium.{LIMITS_KEY}" if section.path else f"podium.{LIMITS_KEY}"
    if not isinstance(written, Mapping):
        section.findings.error("limits-invalid", f'"{path}" must be a table of names and amounts.', mark)
        return
    for name, value in written.items():
        if value is None:
            continue
        try:
            amount_of(str(name), value)
        except UserError as error:
            section.findings.error(error.code, f'"{path}": {error.message}', mark, error.hint)


def limits_of(competition: CompetitionSpec, phase: PhaseSpec, task: TaskSpec) -> dict[str, float]:
    """What the bundle asks for runs of a task in a phase: the task goes before the phase, the phase before the rest."""
    asked: dict[str, float] = {}
    for part in (competition, phase, task):
        asked |= limits_asked(part.extensions.get(LIMITS_KEY))
    return asked


def limits_schema() -> dict[str, object]:
    """The fragment of the JSON Schema of `limits`."""
    return {
        "description": "What programs may use, where that is not the default: " + ", ".join(LIMITS) + ".",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _schema(limit) for name, limit in LIMITS.items()},
    }


def _schema(limit: Limit) -> dict[str, object]:
    if limit.kind == "size":
        pattern = r"^\s*\d+(\.\d+)?\s*([KMGTkmgt][iI]?)?[bB]\s*$"
        return {"description": f"{limit.meaning} {_SIZES}", "type": "string", "pattern": pattern}
    kind = "number" if limit.kind == "number" else "integer"
    return {"description": limit.meaning, "type": kind, "minimum": limit.least}
