"""A competition in a slot of each back end."""

from __future__ import annotations

import pytest
from tests.attacks.attacked import Slot
from tests.attacks.scoring.competition import Competition, fresh_work


@pytest.fixture
def competition(counting_slot: Slot) -> Competition:
    return Competition(counting_slot, counting_slot.beside(), fresh_work(counting_slot))
