"""What a submission's page says of the items of its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from podium.server.certainty.queries import ItemReport
from podium.server.pages import wording
from podium.server.submissions.queries.detail import SubmissionDetail

_MOST_LINES = 20


@dataclass(frozen=True)
class ItemNote:
    """One note, with a line for each thing that it says."""

    title: str
    lines: Sequence[str]


def item_notes(found: SubmissionDetail, reports: Mapping[int, ItemReport]) -> list[ItemNote]:
    """The notes of a submission, from what there is to say of its parts."""
    notes = []
    for part in found.parts:
        report = reports.get(part.id)
        if report is None:
            continue
        of = f" of {part.task_name}" if len(found.parts) > 1 else ""
        if report.problem_count:
            lines = [f"{_where(each.line)}{each.message} {each.hint}" for each in report.problems[:_MOST_LINES]]
            more = report.problem_count - len(lines)
            lines += [f"{wording.counted(more, 'more problem', 'more problems')}."] if more else []
            title = f"The scoring program's per_item.csv{of} cannot be used, so the leaderboard shows no interval"
            notes.append(ItemNote(title, lines))
        apart = [f"{key}: the items have the mean {mean:.6g}, which is not the score." for key, mean in report.apart]
        if apart:
            notes.append(
                ItemNote(f"No interval belongs to these scores{of}: they are not the mean of their items", apart)
            )
    return notes


def _where(line: int | None) -> str:
    return "" if line is None else f"Line {line:,}: "
