"""`results_*.json` of lm-evaluation-harness, whose metrics are called `acc` (0.3) or `acc,none` (0.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from podium.rules.errors import UserError
from podium.rules.modelboards.imports.imported import (
    Error,
    ImportedDataset,
    ImportedFile,
    LeftOut,
    day,
    detailed,
    mapping,
    number,
    number_or_none,
    result_of,
    text_or_nothing,
)
from podium.rules.modelboards.imports.wishes import ImportWishes

_MODEL_ARGUMENT = re.compile(r"(?:^|,)(?:pretrained|model)=([^,]+)")
_NO_METRICS = frozenset({"alias", "name", "sample_len", "sample_count", ""})
_TOLD_OTHERWISE = frozenset(
    ("results", "groups", "group_subtasks", "configs", "versions", "n-shot", "n-samples", "higher_is_better", "samples")
)
_OF_THE_MACHINE = frozenset(("pretty_env_info", "date", "model_name", "task_hashes"))


def is_lm_eval(content: Mapping[str, Any]) -> bool:
    """Whether this looks like a file of lm-evaluation-harness."""
    return isinstance(content.get("results"), dict) and "versions" in content


def read_lm_eval(content: Mapping[str, Any], wishes: ImportWishes) -> ImportedFile:
    """Each task as a dataset. Parts of a group are left out, unless they are wished for."""
    version = text_or_nothing(content.get("lm_eval_version"))
    tool = f"lm-evaluation-harness {version}".strip()
    model = wishes.model or _model(content)
    parts = _parts(content)
    datasets: list[ImportedDataset] = []
    left_out: list[LeftOut] = []
    for task, row in mapping(content["results"], "results").items():
        place = f"results.{task}"
        metrics = dict(_metrics(mapping(row, place)))
        if not metrics:
            left_out.append(LeftOut(place, "It has no scores of its own."))
        elif task in parts and not wishes.parts:
            left_out.append(LeftOut(place, f"It is a part of {parts[task]}."))
        else:
            datasets.append(_dataset(content, task, row, metrics, wishes, model=model, tool=tool))
    return ImportedFile(tool, tuple(datasets), tuple(left_out))


def _metrics(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each metric's name on the board, with its key in the file: without the filter where that is `none`."""
    for key in row:
        name, _, way = key.partition(",")
        if name.strip() in _NO_METRICS or name.endswith("_stderr"):
            continue
        yield (name if way in ("", "none") else key), key


def _dataset(
    content: Mapping[str, Any],
    task: str,
    row: Mapping[str, Any],
    metrics: Mapping[str, str],
    wishes: ImportWishes,
    *,
    model: str,
    tool: str,
) -> ImportedDataset:
    place = f"results.{task}"
    metric = wishes.metric if wishes.metric in metrics else next(iter(metrics))
    key = metrics[metric]
    score = number(row[key], f"{place}.{key}")
    name, _, way = key.partition(",")
    error = number_or_none(row.get(f"{name}_stderr,{way}" if way else f"{name}_stderr"))
    config = _of_task(content, "configs", task)
    result = result_of(
        place,
        model,
        score,
        Error(standard=error if error is None or error >= 0 else None),
        metric=metric,
        tool=tool,
        updated=day(content.get("date")),
        detailed_scores=detailed({other: row[kept] for other, kept in metrics.items() if other != metric}),
        extra={
            "n_shot": _entry(content, "n-shot", task),
            "samples": _entry(content, "n-samples", task),
            "task_version": _entry(content, "versions", task),
            **{name: value for name, value in content.items() if name not in _TOLD_OTHERWISE | _OF_THE_MACHINE},
        },
    )
    extra = {name: config[name] for name in ("dataset_path", "dataset_name", "test_split") if config.get(name)}
    return ImportedDataset(task, metric, _lower(content, task, name), extra=extra, results=(result,))


def _lower(content: Mapping[str, Any], task: str, metric: str) -> bool | None:
    higher = _of_task(content, "higher_is_better", task).get(metric)
    if isinstance(higher, bool):
        return not higher
    for each in _of_task(content, "configs", task).get("metric_list") or ():
        if isinstance(each, dict) and each.get("metric") == metric and isinstance(each.get("higher_is_better"), bool):
            return not each["higher_is_better"]
    return None


def _parts(content: Mapping[str, Any]) -> dict[str, str]:
    """The tasks that are part of a group with scores of its own, each with its group."""
    groups = content.get("group_subtasks")
    scored = content["results"]
    found: dict[str, str] = {}
    for group, tasks in groups.items() if isinstance(groups, dict) else ():
        row = scored.get(group)
        if isinstance(tasks, list) and isinstance(row, dict) and any(_metrics(row)):
            found.update({task: group for task in tasks if isinstance(task, str) and task != group})
    return found


def _model(content: Mapping[str, Any]) -> str:
    config = content.get("config")
    config = config if isinstance(config, dict) else {}
    arguments = config.get("model_args")
    if isinstance(arguments, dict):
        named = text_or_nothing(arguments.get("pretrained") or arguments.get("model"))
    else:
        found = _MODEL_ARGUMENT.search(text_or_nothing(arguments))
        named = found[1].strip() if found else ""
    name = text_or_nothing(content.get("model_name")) or named
    if not name:
        raise UserError("import-model", "The file does not name the model: model_name is missing.", "Name the model.")
    return name


def _of_task(content: Mapping[str, Any], key: str, task: str) -> dict[str, Any]:
    found = _entry(content, key, task)
    return found if isinstance(found, dict) else {}


def _entry(content: Mapping[str, Any], key: str, task: str) -> Any:
    of_tasks = content.get(key)
    return of_tasks.get(task) if isinstance(of_tasks, dict) else None
