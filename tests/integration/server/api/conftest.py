"""Attempts at passwords are counted for each test anew."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nobody_has_guessed() -> None:
    cache.clear()
