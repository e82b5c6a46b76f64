"""Which runtime stands in for which Docker image (issue 2, point 8)."""

from __future__ import annotations

import pytest

from podium.rules.errors import UserError
from podium.runtimes import ImageRules


@pytest.mark.parametrize(
    ("image", "runtime"),
    [
        ("codalab/codalab-legacy:py3", "legacy-science"),
        ("codalab/codalab-legacy:py37", "legacy-science"),
        ("codalab/codalab-legacy:gpu", "legacy-science"),
        ("podium/science", "science"),
        ("podium/plain", "plain"),
    ],
)
def test_a_known_image_gets_its_runtime_without_a_note(image: str, runtime: str) -> None:
    choice = ImageRules().choose(image)
    assert (choice.runtime, choice.note) == (runtime, None)


@pytest.mark.parametrize("image", ["pytorch/pytorch:2.4", "podium/other", "codalab/codalab-legacyx:py3", ""])
def test_any_other_image_gets_science_and_a_note_that_names_it(image: str) -> None:
    choice = ImageRules().choose(image)
    assert choice.runtime == "science"
    assert choice.note is not None
    assert choice.note.severity == "note"
    assert repr(image) in choice.note.message


def test_an_unknown_image_is_refused_where_the_administrator_says_so() -> None:
    rules = ImageRules.from_environment({"PODIUM_UNKNOWN_IMAGE": "refuse"})
    with pytest.raises(UserError, match=r"pytorch/pytorch:2\.4") as refused:
        rules.choose("pytorch/pytorch:2.4")
    assert refused.value.code == "image-unknown"
    assert rules.choose("podium/science").runtime == "science"


def test_the_administrators_map_comes_first_and_takes_patterns() -> None:
    rules = ImageRules.from_environment(
        {"PODIUM_RUNTIME_MAP": "lab/*=legacy-science, codalab/codalab-legacy:py3=science\npytorch/*=/etc/torch.txt,"}
    )
    assert rules.choose("lab/vision:7").runtime == "legacy-science"
    assert rules.choose("lab/vision:7").note is None
    assert rules.choose("codalab/codalab-legacy:py3").runtime == "science"
    assert rules.choose("pytorch/pytorch:2.4").runtime == "/etc/torch.txt"


@pytest.mark.parametrize("value", ["lab/vision", "=science", "lab/vision=", "lab/vision=no-such-runtime"])
def test_a_map_that_is_not_understood_is_an_error_that_quotes_it(value: str) -> None:
    with pytest.raises(UserError) as refused:
        ImageRules.from_environment({"PODIUM_RUNTIME_MAP": value})
    assert refused.value.code == "setting-invalid"
    assert value.strip("=").split("=")[0] in refused.value.message


def test_an_unknown_word_for_unknown_images_is_an_error() -> None:
    with pytest.raises(UserError, match="PODIUM_UNKNOWN_IMAGE"):
        ImageRules.from_environment({"PODIUM_UNKNOWN_IMAGE": "perhaps"})
