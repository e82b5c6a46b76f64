"""The languages that a dataset is said to have."""

from __future__ import annotations

import pytest

from podium.rules.errors import UserError
from podium.rules.modelboards.languages import MOST, read_languages


@pytest.mark.parametrize(
    ("sent", "languages"),
    [
        (None, ()),
        ("", ()),
        ("en", ("en",)),
        ("de, en ,de", ("de", "en")),
        (["pt-BR", " en "], ("pt-BR", "en")),
        ([], ()),
        (["", "en"], ("en",)),
    ],
)
def test_they_are_read(sent: object, languages: tuple[str, ...]) -> None:
    assert read_languages(sent) == languages


@pytest.mark.parametrize("sent", [7, {"en": 1}, [1], [None], "x" * 36, ["a\x07b"], [f"l{n}" for n in range(MOST + 1)]])
def test_what_is_none_is_refused(sent: object) -> None:
    with pytest.raises(UserError, match="languages must be"):
        read_languages(sent)
