"""Programs that want more of the machine than is theirs."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from tests.attacks.attacked import Slot, breaches
from tests.requirements_on_machine import require
from tests.sandboxed import MEBIBYTE, SMALL

from podium.sandbox.interface import LOG_FACTOR, Ending

pytestmark = pytest.mark.sandbox

_OWN_PROCESSES = 4
"""Those of bubblewrap itself, which share the kernel's count with the program."""


def test_processes(slot: Slot) -> None:
    seen = slot.attack("fork_bomb")
    assert seen.lines[0] == "refused 11"  # EAGAIN
    assert 16 <= int(seen.lines[1]) <= SMALL.processes + _OWN_PROCESSES


def test_processes_that_grow_again(slot: Slot) -> None:
    seen = slot.attack("fork_bomb_that_grows_again", replace(SMALL, wall_s=0.5))
    assert seen.outcome.ending is Ending.TIME_LIMIT


def test_threads(slot: Slot) -> None:
    seen = slot.attack("threads")
    assert seen.lines[0] == "refused"
    assert int(seen.lines[1]) <= SMALL.processes + _OWN_PROCESSES


def test_open_files(slot: Slot) -> None:
    refused, made = slot.attack("descriptors").lines
    assert refused == "refused 24"  # EMFILE
    assert int(made) <= SMALL.open_files


@pytest.mark.parametrize("program", ["memory_hog", "memory_hog_of_children"])
def test_memory(any_slot: Slot, program: str) -> None:
    seen = any_slot.attack(program)
    assert seen.outcome.ending is Ending.MEMORY_LIMIT
    assert seen.lines == []


@pytest.mark.parametrize("program", ["memory_behind_descriptors", "memory_left_in_segments"])
def test_memory_that_no_process_has_mapped(counting_slot: Slot, program: str) -> None:
    require(counting_slot.counts_in_kernel, "no control groups can be made here")
    seen = counting_slot.attack(program, replace(SMALL, memory_bytes=160 * MEBIBYTE))
    assert seen.outcome.ending is Ending.MEMORY_LIMIT
    assert seen.lines == []


def test_memory_of_the_kernel(slot: Slot) -> None:
    seen = slot.attack("memory_in_pipes")
    assert int((seen.lines or ["0"])[0]) <= SMALL.memory_bytes


def test_processors(counting_slot: Slot) -> None:
    require(counting_slot.counts_in_kernel, "no control groups can be made here")
    seen = counting_slot.attack("processors", replace(SMALL, cpus=0.5))
    assert seen.outcome.cpu_s is not None
    # Half a processor; a period of a tenth of a second may be begun, and the interpreter starts four times.
    assert seen.outcome.cpu_s <= 0.5 * seen.outcome.elapsed_s + 0.3


def test_temporary_folders(any_slot: Slot) -> None:
    seen = any_slot.attack("full_temporary_folders")
    written = {folder: int(size) for folder, size in (line.split() for line in seen.lines)}
    assert written.pop("/tmp") <= SMALL.temporary_bytes
    assert written.pop("/dev/shm") <= SMALL.shared_memory_bytes
    assert set(written.values()) == {0}, written


def test_temporary_files(slot: Slot) -> None:
    seen = slot.attack("full_temporary_files", replace(SMALL, memory_bytes=64 * MEBIBYTE))
    # Each takes about a kilobyte of the kernel's memory: that runs out first, or the number of files does.
    assert seen.outcome.ending is Ending.MEMORY_LIMIT or int(seen.lines[0]) <= 100_000


def test_output(slot: Slot) -> None:
    seen = slot.attack("full_output")
    assert seen.outcome.ending is Ending.OUTPUT_LIMIT
    assert sum(file.stat().st_size for file in seen.folder.iterdir()) <= SMALL.output_bytes


def test_output_of_a_writer_that_does_not_listen(slot: Slot) -> None:
    begun = time.monotonic()
    assert slot.attack("full_output_ignored").outcome.ending is Ending.OUTPUT_LIMIT
    assert time.monotonic() - begun < SMALL.wall_s


def test_number_of_files(slot: Slot) -> None:
    seen = slot.attack("too_many_files")
    assert seen.outcome.ending is Ending.OUTPUT_LIMIT
    assert len(seen.outcome.collected) <= SMALL.output_entries
    assert "more than the 200 entries allowed" in seen.outcome.refused[0]


def test_files_that_are_larger_than_they_take_room(slot: Slot) -> None:
    seen = slot.attack("sparse_file")
    assert set(seen.lines) <= {"27", "28"}  # EFBIG, ENOSPC
    assert sum(file.stat().st_size for file in seen.folder.iterdir()) <= SMALL.output_bytes


@pytest.mark.parametrize("program", ["flood_of_lines", "flood_on_one_line"])
def test_printed_text(slot: Slot, program: str) -> None:
    seen = slot.attack(program)
    assert seen.outcome.ending is Ending.LOG_LIMIT
    # Eight times what is kept, and what had arrived by then: a pipe or two.
    assert len(seen.stdout + seen.stderr) <= LOG_FACTOR * SMALL.log_bytes + 4 * 65_536


def test_text_printed_by_the_byte(slot: Slot) -> None:
    assert slot.attack("flood_by_the_byte", replace(SMALL, wall_s=1.0)).outcome.ending in {
        Ending.LOG_LIMIT,
        Ending.TIME_LIMIT,
    }


@pytest.mark.parametrize("program", ["endless_loop", "silent_wait"])
def test_time(slot: Slot, program: str) -> None:
    begun = time.monotonic()
    seen = slot.attack(program, replace(SMALL, wall_s=0.5))
    assert seen.outcome.ending is Ending.TIME_LIMIT
    assert time.monotonic() - begun < 10


def test_time_when_somebody_cancels(slot: Slot) -> None:
    begun = time.monotonic()
    seen = slot.attack("endless_loop", cancel_after_s=0.4)
    assert seen.outcome.ending is Ending.CANCELLED
    assert time.monotonic() - begun < 10


def test_limits_and_priorities_of_its_own(slot: Slot) -> None:
    assert breaches(slot.attack("raised_limits")) == []
