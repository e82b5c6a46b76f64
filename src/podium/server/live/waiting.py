"""Waiting for one of several things."""

from __future__ import annotations

import asyncio


async def first_of(one: asyncio.Event, other: asyncio.Event, timeout_s: float | None) -> None:
    """Wait until one of two things happened, or the time is over."""
    tasks = [asyncio.ensure_future(one.wait()), asyncio.ensure_future(other.wait())]
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
