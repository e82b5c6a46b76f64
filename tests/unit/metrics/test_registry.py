"""Which task types there are, and that naming them imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from podium.metrics import registry
from podium.metrics.registry import faults, task_type, task_types
from podium.metrics.task_type import TaskType
from podium.rules.errors import UserError

CONTRACT = {
    "text_classification": "text_classification",
    "named_entity_recognition": "named_entity_recognition",
    "ner": "named_entity_recognition",
    "document_qa": "document_qa",
    "qa": "document_qa",
    "chatbot": "document_qa",
    "line_qa": "line_qa",
    "prompting": "line_qa",
    "translation": "translation",
    "retrieval": "retrieval",
    "Text Classification": "text_classification",
    "multilingual_ner": "multilingual_named_entity_recognition",
    "multilingual_multimodal_vqa": "multilingual_multimodal_vqa",
}


@pytest.mark.parametrize(("name", "slug"), CONTRACT.items())
def test_names_of_the_contract(name: str, slug: str) -> None:
    assert task_type(name).slug == slug


@pytest.mark.parametrize("name", ["", "astrology", "multilingual_", "multilingual_astrology", "x" * 500])
def test_an_unknown_name_is_told_the_known_ones(name: str) -> None:
    with pytest.raises(UserError, match=r"Known are .*document_qa.*text_classification") as caught:
        task_type(name)
    assert (caught.value.code, caught.value.status) == ("task-type-unknown", 400)
    assert len(caught.value.message) < 120


def test_nothing_of_ours_is_faulty() -> None:
    assert faults() == ()
    assert len(task_types()) == 14


@pytest.mark.parametrize("task", task_types(), ids=lambda task: task.slug)
def test_a_task_type_is_whole(task: TaskType) -> None:
    assert task.page().startswith("# ")
    assert len({metric.name for metric in task.metrics}) == len(task.metrics)
    assert all(metric.summary.endswith(".") for metric in task.metrics)
    assert task.references[0].name == task.predictions[0].name == "id"
    gold = task.read_references(*reversed(task.sample("references")))
    assert gold.value is not None, gold.problems
    predictions = task.read_predictions(*reversed(task.sample("predictions")), gold.value)
    assert predictions.value is not None, predictions.problems
    scored = task.score(gold.value, predictions.value)
    for metric in task.metrics:
        value = scored.totals[metric.name]
        assert value is None or (
            (metric.low is None or value >= metric.low) and (metric.high is None or value <= metric.high)
        )
    assert task.metric(task.primary.name) is task.metrics[0]
    with pytest.raises(UserError, match=task.primary.name):
        task.metric("beauty")


LIGHT = """
import sys
from podium.metrics.registry import task_type, task_types
for task in [*task_types(), task_type("multilingual_vqa")]:
    task.page()
    name, content = task.sample("references")
    gold = task.read_references(content, name).value
    name, content = task.sample("predictions")
    assert task.read_predictions(content, name, gold).value
import podium.stats, podium.stats.declared, podium.stats.detectable, podium.stats.proportions, podium.stats.results
import podium.stats.seeds
heavy = {"numpy", "scipy", "sklearn", "rapidfuzz", "sacrebleu"}
print(*sorted({name.partition(".")[0] for name in sys.modules} & heavy))
"""


def test_naming_and_reading_import_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_scoring_imports_no_scikit_learn_and_no_statistics_of_scipy() -> None:
    code = "import podium.metrics.scored, podium.metrics.multilingual.scoring, podium.stats.ladder, sys\n"
    code += "print(*({'sklearn', 'scipy.stats', 'pandas'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


OTHER = replace(task_type("retrieval"), slug="other_task", aliases=("other",))
THIEF = replace(task_type("retrieval"), slug="thief", aliases=("ner",))
NOTHING = 3


@pytest.fixture
def with_others(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    found = [
        EntryPoint("other_task", f"{__name__}:OTHER", registry.GROUP),
        EntryPoint("thief", f"{__name__}:THIEF", registry.GROUP),
        EntryPoint("nothing", f"{__name__}:NOTHING", registry.GROUP),
        EntryPoint("gone", "no_such_package:TASK_TYPE", registry.GROUP),
        EntryPoint("retrieval", "podium.metrics.retrieval:TASK_TYPE", registry.GROUP),
        EntryPoint("named_entity_recognition", "podium.metrics.named_entity_recognition:TASK_TYPE", registry.GROUP),
    ]
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or __import__(__name__))
    monkeypatch.setattr(registry, "entry_points", lambda group: found)
    registry._found.cache_clear()
    yield
    registry._found.cache_clear()


@pytest.mark.usefixtures("with_others")
def test_other_packages_add_theirs_and_broken_ones_stop_nothing() -> None:
    assert [task.slug for task in task_types()] == ["named_entity_recognition", "other_task", "retrieval"]
    assert task_type("Other").slug == "other_task"
    assert task_type("ner").slug == "named_entity_recognition"
    assert task_type("multilingual_other").slug == "multilingual_other_task"
    told = "\n".join(faults())
    assert len(faults()) == 3
    assert "thief" in told
    assert "uses a name that is taken: ner" in told
    assert "nothing" in told
    assert "ModuleNotFoundError" in told
