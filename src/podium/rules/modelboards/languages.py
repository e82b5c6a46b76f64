"""The languages of a dataset, as whoever adds it says them."""

from __future__ import annotations

from podium.rules.errors import UserError

MOST = 100
_MOST_LETTERS = 35


def read_languages(value: object, at: str = "languages") -> tuple[str, ...]:
    """Short words such as `en` or `pt-BR`, each once: a list, or one text with commas; none for nothing.

    >>> read_languages("de, en,de")
    ('de', 'en')

    Raises:
        UserError: it is neither, or there are too many, or a word is too long.
    """
    if value is None:
        return ()
    told = value.split(",") if isinstance(value, str) else value
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        raise UserError("languages-invalid", f"{at} must be a list of languages.", "Send words such as en.")
    words = [word for each in told if (word := " ".join(each.split()))]
    long = next((word for word in words if len(word) > _MOST_LETTERS or not word.isprintable()), None)
    if long is not None or len(words) > MOST:
        raise UserError(
            "languages-invalid",
            f"{at} must be at most {MOST} languages of {_MOST_LETTERS} letters.",
            "Send words such as en.",
        )
    return tuple(dict.fromkeys(words))
