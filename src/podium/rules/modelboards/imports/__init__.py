"""Results in the files of other tools: lm-evaluation-harness, Inspect, Every Eval Ever, the Hugging Face Hub."""

from __future__ import annotations

from dataclasses import replace

from podium.rules.errors import TooLarge, UserError
from podium.rules.modelboards.declared import read_name
from podium.rules.modelboards.imports.every_eval_ever import is_every_eval_ever, read_every_eval_ever
from podium.rules.modelboards.imports.hub_results import read_hub_results
from podium.rules.modelboards.imports.imported import (
    ImportedDataset,
    ImportedFile,
    ImportedResult,
    LeftOut,
    check_plain,
    json_of,
)
from podium.rules.modelboards.imports.inspect_log import is_inspect_log, read_inspect_log
from podium.rules.modelboards.imports.lm_eval import is_lm_eval, read_lm_eval
from podium.rules.modelboards.imports.wishes import ImportWishes

__all__ = [
    "MOST_BYTES",
    "ImportWishes",
    "ImportedDataset",
    "ImportedFile",
    "ImportedResult",
    "LeftOut",
    "read_results",
]

MOST_BYTES = 16 << 20
_MOST_YAML_BYTES = 1 << 20
_MOST_DATASETS = 500


def read_results(content: bytes, name: str, wishes: ImportWishes) -> ImportedFile:
    """What a file of this name holds; its content tells which tool wrote it.

    Raises:
        TooLarge: it has more than MOST_BYTES.
        UserError: it is of no known tool, or says something that cannot be a result; the place in the file is named.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge("import-large", f"The file has more than {MOST_BYTES >> 20} MiB.", "Send it without samples.")
    found = _read(content, name, wishes)
    if not found.datasets:
        raise UserError("import-empty", "The file holds no result.", "Send the file of an evaluation that has ended.")
    if len(found.datasets) > _MOST_DATASETS:
        raise TooLarge("import-large", f"The file has more than {_MOST_DATASETS} datasets.", "Divide it.")
    if wishes.dataset:
        if len(found.datasets) > 1:
            raise UserError(
                "import-dataset",
                f"The file has {len(found.datasets)} datasets, so that one name does not do.",
                "Leave the name of the dataset out.",
            )
        found = replace(found, datasets=(replace(found.datasets[0], name=wishes.dataset),))
    return replace(
        found, datasets=tuple(replace(each, name=read_name(each.name, "A dataset's name")) for each in found.datasets)
    )


def _read(content: bytes, name: str, wishes: ImportWishes) -> ImportedFile:
    if name.lower().endswith((".yaml", ".yml")):
        if len(content) > _MOST_YAML_BYTES:
            raise TooLarge("import-large", f"The file has more than {_MOST_YAML_BYTES >> 20} MiB.", "Divide it.")
        return read_hub_results(content, wishes)
    held = json_of(content)
    if isinstance(held, dict):
        held.pop("samples", None)  # what both harnesses may put beside the scores, and by far the most
    check_plain(held)
    if isinstance(held, dict):
        if is_every_eval_ever(held):
            return read_every_eval_ever([held], wishes)
        if is_inspect_log(held):
            return read_inspect_log(held, wishes)
        if is_lm_eval(held):
            return read_lm_eval(held, wishes)
    elif isinstance(held, list) and held and all(isinstance(each, dict) and is_every_eval_ever(each) for each in held):
        return read_every_eval_ever(held, wishes)
    raise UserError(
        "import-unknown",
        "The file is of no tool that is known here.",
        "Send results_*.json of lm-evaluation-harness, a log of Inspect, a record of Every Eval Ever, "
        "or YAML of .eval_results.",
    )
