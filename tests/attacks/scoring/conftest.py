"""A competition in a slot of each back end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from tests.attacks.attacked import Slot
from tests.attacks.scoring.competition import Competition, fresh_work


@pytest.fixture
def competition(counting_slot: Slot) -> Iterator[Competition]:
    work = fresh_work(counting_slot)
    yield Competition(counting_slot, counting_slot.beside(), work)
    # A folder that two programs shared lives as long as it does here.
    shutil.rmtree(work)
