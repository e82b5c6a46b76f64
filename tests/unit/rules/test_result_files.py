"""Results and code are told apart by names."""

from __future__ import annotations

import pytest

from podium.rules.result_files import are_results


@pytest.mark.parametrize("names", [[], ["iris_test.predict"], ["a/answer.csv", "README"], ["deep/metadata", "x.json"]])
def test_files_that_are_no_code_are_results(names: list[str]) -> None:
    assert are_results(names)


@pytest.mark.parametrize("name", ["metadata", "metadata.yaml", "model.py", "src/fit.R", "run.sh", "lib/fast.so"])
def test_one_file_of_code_is_enough(name: str) -> None:
    assert not are_results(["answer.csv", name])
