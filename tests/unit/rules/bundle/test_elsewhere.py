"""Keys of CodaLab in a version 2 file."""

from __future__ import annotations

import pytest
from tests.unit.rules.bundle.bundles import SMALL, read_text

from podium.rules.bundle import keys
from podium.rules.bundle.codalab import keys as codalab
from podium.rules.bundle.keys import Level

SAME = [
    (codalab.COMPETITION, keys.COMPETITION),
    (codalab.PHASE, keys.PHASE),
    (codalab.BOARD, keys.LEADERBOARD),
    (codalab.COLUMN, keys.COLUMN),
]


@pytest.mark.parametrize(("old", "new"), SAME, ids=lambda level: level.name)
def test_every_key_that_version_2_lacks_has_a_word_on_what_it_became(old: Level, new: Level) -> None:
    lost = {key.name for key in old.keys} - set(new.names)

    assert lost <= set(new.elsewhere)


@pytest.mark.parametrize("level", keys.LEVELS, ids=lambda level: level.name)
def test_no_key_is_both_of_a_level_and_elsewhere(level: Level) -> None:
    assert not set(level.names) & set(level.elsewhere)


def test_what_a_key_became_is_in_the_hint_of_its_note() -> None:
    (note,) = read_text(f"allow_public_submissions: true\n{SMALL}").problems

    assert (note.code, note.severity, note.line) == ("key-elsewhere", "note", 1)
    assert note.hint == 'In version 2 it is "can_participants_make_submissions_public".'
