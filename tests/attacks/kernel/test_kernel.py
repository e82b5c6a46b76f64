"""Programs that ask the kernel for what nobody who computes needs."""

from __future__ import annotations

import os

import pytest
from tests.attacks.attacked import Slot, breaches

pytestmark = pytest.mark.sandbox

on_x86 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="a matter of x86")
_SIGSYS = 31


def test_system_calls(any_slot: Slot) -> None:
    assert breaches(any_slot.attack("system_calls")) == []


@on_x86
def test_system_calls_of_another_architecture(slot: Slot) -> None:
    seen = slot.attack("call_of_32_bits")
    assert seen.lines == []
    assert seen.outcome.exit_code in {128 + _SIGSYS, 128 + 11}  # SIGSYS; SIGSEGV where the kernel knows no such calls


@on_x86
def test_system_calls_by_other_numbers(slot: Slot) -> None:
    seen = slot.attack("call_of_x32")
    assert seen.lines == ["refused"] or (seen.lines, seen.outcome.exit_code) == ([], 128 + _SIGSYS)


def test_devices(slot: Slot) -> None:
    assert breaches(slot.attack("devices")) == []


def test_the_terminal(slot: Slot) -> None:
    assert breaches(slot.attack("keyboard_of_the_terminal")) == []


def test_ways_out_of_the_root(slot: Slot) -> None:
    assert breaches(slot.attack("way_out_of_the_root")) == []


def test_rights(any_slot: Slot) -> None:
    seen = any_slot.attack("rights")
    assert breaches(seen) == []
    none = "0" * 16
    assert seen.lines[0] == f"1 {none} {none} {none} {none} 2"
