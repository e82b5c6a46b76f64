"""What stands above a board: how it ranks, what its data can tell apart, and what a reader should be warned of."""

from __future__ import annotations

from podium.server.modelboards.queries import Statistics
from podium.server.pages import wording
from podium.server.pages.modelboards.contents import BoardContents
from podium.server.pages.modelboards.figures import number
from podium.server.pages.parts import Fact


def facts_of(contents: BoardContents) -> list[Fact]:
    """What the board ranks by and how sure that is, in plain words."""
    metric = contents.metric
    ranked_by = f"{metric.title}{f', in {metric.unit}' if metric.unit else ''}: {metric.direction}."
    facts = [Fact("Ranked by", f"{ranked_by} {metric.summary}".strip())]
    if contents.dataset.item_count:
        facts.append(Fact("Items", f"{contents.dataset.item_count:,}"))
    found = contents.statistics
    if found is None:
        return facts
    if found.detectable is not None:
        facts.append(Fact("Smallest difference", _detectable(contents, found)))
    if contents.view.as_it_stands and found.fresh and found.groups and len(found.groups[0]) > 1:
        others = wording.counted(len(found.groups[0]) - 1, "other model")
        facts.append(Fact("First place", f"The data do not tell the best model from {others}."))
    return facts


def meaning_of(contents: BoardContents) -> str:
    """What the columns mean, below the table."""
    level = contents.statistics.level if contents.statistics else 0.95
    said = ["A bar is the interval around the score. Equal scores share a rank."]
    if contents.statistics is not None:
        said.append(
            "What the data allow is the best and the worst rank of a model, right for all models together in"
            f" {level:.0%} of such boards. A bracket holds models of which no two can be told apart.".replace("%", " %")
        )
    if _worse_and_tied(contents):
        said.append(
            "“Worse” beside a difference is said of that model and the best alone. A bracket is about all models"
            " together and asks for more, so that a model can be worse than the best and still be tied with it."
        )
    if contents.statistics is not None and contents.statistics.declared_only:
        said.append("Nothing was scored here: models are told apart by the intervals that were declared.")
    said.append("What a source says is not checked here.")
    return " ".join(said)


def _worse_and_tied(contents: BoardContents) -> bool:
    """Whether a model is told apart from the best one, and yet in one bracket with it."""
    found, best = contents.statistics, contents.best
    if found is None or best is None:
        return False
    tied = {pk for group in found.groups if best.id in group for pk in group}
    told = (contents.to_best(row) for row in contents.rows if row.id in tied)
    return any(each is not None and each.distinguishable for each in told)


def warning_of(contents: BoardContents) -> str:
    """What a reader should know before they believe the board; empty where there is nothing."""
    view, found = contents.view, contents.statistics
    if view.moment is not None:
        return f"This is the board as it stood on {wording.moment_text(view.moment)}. Ranks are those of that moment."
    if view.show != "latest":
        kept = "the best result of each model" if view.show == "best" else "every result that models have had"
        return f"This is {kept}, whether it counts or not. Choosing the best of several flatters a model."
    if found is not None and not found.fresh:
        return (
            f"The results changed after {wording.moment_text(found.computed_at)}, when it was computed what the data"
            " allow. It is being computed again; until then new results have none of it."
        )
    return ""


def _detectable(contents: BoardContents, found: Statistics) -> str:
    unit = contents.metric.unit
    size = number(found.detectable or 0.0)
    return (
        f"{size}{f' {unit}' if unit else ''}. Two models that differ by less are mostly not told apart by these items;"
        " by this much they are in four of five tries."
    )
