"""Two submissions of a person that end at the same moment are judged one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from tests.integration.server.competition_material import make_competition, make_person

from podium.server.competitions.models import Phase
from podium.server.leaderboards.services import hold_board


def _hold_without_waiting(phase_id: int) -> bool:
    """Whether the board can be held now, asked by a connection of its own."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
            hold_board(phase_id)
    except OperationalError:
        return False
    finally:
        connection.close()
    return True


@pytest.mark.django_db(transaction=True)
def test_nobody_else_holds_a_board_until_the_transaction_ends(tmp_path: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time; there are no rows to lock.")
    anna = make_person("anna")
    held, other = (Phase.objects.get(competition_id=make_competition(anna, tmp_path), index=0).pk for _ in range(2))
    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            hold_board(held)
            assert not elsewhere.submit(_hold_without_waiting, held).result()
            assert elsewhere.submit(_hold_without_waiting, other).result()
        assert elsewhere.submit(_hold_without_waiting, held).result()
