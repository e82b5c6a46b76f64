"""The limits of an order, as the sandbox gets them."""

from __future__ import annotations

import os

import pytest

from podium.rules.errors import UserError
from podium.rules.limits import LIMITS
from podium.sandbox.interface import Limits
from podium.worker.execute.limits import own_maxima, sandbox_limits, within

GIB = 1 << 30


def test_without_a_word_the_sandbox_keeps_its_defaults() -> None:
    assert sandbox_limits({}, 600) == Limits()


def test_every_limit_reaches_the_sandbox() -> None:
    amounts = {name: limit.least for name, limit in LIMITS.items()}
    assert sandbox_limits(amounts, 7) == Limits(
        wall_s=7,
        memory_bytes=32 << 20,
        cpus=0.1,
        processes=8,
        output_bytes=1 << 20,
        output_entries=10,
        temporary_bytes=1 << 20,
        shared_memory_bytes=1 << 20,
        program_growth_bytes=1 << 20,
        open_files=64,
        log_bytes=4096,
    )


def test_a_worker_gives_no_more_than_it_has_and_says_so() -> None:
    held, notes = within({"memory": 4.0 * GIB, "cpus": 2}, {"memory": 1.0 * GIB, "cpus": 8})
    assert held == {"memory": GIB, "cpus": 2}
    assert notes == ("The worker gives a program at most 1 GiB of memory, which is less than 4 GiB of memory.",)
    assert within({"memory": 1.0 * GIB}, {"memory": 1.0 * GIB}) == ({"memory": GIB}, ())


def test_a_machine_gives_what_it_is_made_of_unless_a_setting_says_otherwise() -> None:
    machine = own_maxima({})
    assert machine == {
        "memory": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "cpus": os.cpu_count(),
    }
    set_by_hand = own_maxima({"PODIUM_WORKER_MAX_LIMITS": "memory=2 GiB, processes=50"})
    assert set_by_hand == machine | {"memory": 2 * GIB, "processes": 50}
    with pytest.raises(UserError):
        own_maxima({"PODIUM_WORKER_MAX_LIMITS": "memory=lots"})
