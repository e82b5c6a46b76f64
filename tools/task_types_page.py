"""Write docs/reference/task-types.md from the task types themselves.

python -m tools.task_types_page
"""

from __future__ import annotations

from pathlib import Path

from podium.metrics.registry import task_type, task_types
from podium.metrics.task_type import Field, Metric, TaskType

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "task-types.md"

_BEGINNING = """\
# Task types

What a model board can score: the files it takes and the numbers it gives. This page is made from the task types
themselves, by `python -m tools.task_types_page`. How sure the numbers are is told in
[uncertainty](../explanation/uncertainty.md).

## Files

References and predictions are CSV (with a header; commas or tabs), JSON Lines (an object per line), or JSON (a list of
objects, or one object of ids and answers). They are UTF-8, at most 512 MiB and 5,000,000 items. Columns may come in any
order, further ones are left alone, and upper or lower case does not matter in the header of a CSV file.

Every item of the references needs exactly one prediction; the order does not matter. Whatever is wrong is named with
its line, the first hundred problems in full: missing, unknown and repeated ids, labels that the references do not
have, spans that overlap or lie outside the text, values of the wrong type, and numbers that are none. A file with a
problem is not scored.

The owner of a dataset may say that labels and entity types which the references do not have are wrong answers and not
mistakes, for models that answer in sentences. Such labels count together as `(other)`, such types each for itself.

Every task type takes two more columns in its references: `cluster` for items that belong together, such as questions on
one document, and `language`. Each must be there for all items or for none.

## Task types of other packages

A package registers its own by an entry point, whose name is the slug:

```toml
[project.entry-points."podium.task_types"]
my_task = "my_package.my_task:TASK_TYPE"
```

The object is a `podium.metrics.task_type.TaskType`. It names a reader, which takes columns and gives values, and a
scorer, which looks at text once and keeps numbers per item; totals, intervals, tests and tables come from those alone.
A folder of `podium.metrics`, such as `retrieval`, shows all of it. The package of the task type holds `page.md` and the
folder `sample` with a file of references and one of predictions.
"""


def page() -> str:
    """The whole page."""
    shown = [task for task in task_types() if not task.slug.startswith("multilingual_")]
    wrapped = [f"`{task.slug}`" for task in task_types() if task.slug.startswith("multilingual_")]
    several = task_type("multilingual_retrieval").page().partition("\n# ")[0].strip()
    parts = [_BEGINNING, *(_task(task) for task in shown)]
    parts.append(f"#{several}\n\nRegistered are {', '.join(wrapped)}.\n")
    return "\n".join(parts)


def _task(task: TaskType) -> str:
    lines = [f"#{task.page().strip()}", "", f"Slug: `{task.slug}`."]
    if task.aliases:
        lines[-1] += f" Also called {', '.join(f'`{alias}`' for alias in task.aliases)}."
    lines += ["", *_fields("References", task.references), "", *_fields("Predictions", task.predictions), ""]
    lines += ["| metric | | from | better | range |", "|---|---|---|---|---|"]
    lines += [_metric(metric) for metric in task.metrics]
    name, content = task.sample("predictions")
    lines += ["", f"Predictions may look like this (`{name}`):", "", f"```{name.rpartition('.')[2]}"]
    return "\n".join([*lines, content.decode().strip(), "```", ""])


def _fields(title: str, fields: tuple[Field, ...]) -> list[str]:
    lines = [f"| {title} | | must be there | also called |", "|---|---|---|---|"]
    for field in fields:
        aliases = ", ".join(f"`{alias}`" for alias in field.aliases)
        lines.append(f"| `{field.name}` | {field.summary} | {'yes' if field.required else ''} | {aliases} |")
    return lines


def _metric(metric: Metric) -> str:
    between = f"{metric.low:g} upwards" if metric.high is None else f"{metric.low:g} to {metric.high:g}"
    better = "higher" if metric.direction == "desc" else "lower"
    unit = f", {metric.unit}" if metric.unit else ""
    return f"| `{metric.name}` | {metric.summary} | {metric.aggregation} | {better} | {between}{unit} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
