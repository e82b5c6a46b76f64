"""The pool through which asynchronous code calls services."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from podium.server.front.pool import ServicePool
from podium.server.front.threads import Threads


def test_a_call_gives_the_result_of_the_service() -> None:
    pool = ServicePool(after_each=lambda: None)
    assert asyncio.run(pool.call(lambda first, *, second: (first, second), 1, second=2)) == (1, 2)
    assert pool.close(30)


@pytest.mark.parametrize("error", [KeyError("no"), SystemExit(3)])
def test_a_call_raises_what_the_service_raised(error: BaseException) -> None:
    pool = ServicePool(after_each=lambda: None)

    def service() -> None:
        raise error

    async def call() -> None:
        with pytest.raises(type(error)) as caught:
            await pool.call(service)
        assert caught.value is error

    asyncio.run(call())
    assert pool.close(30)


def test_a_stop_iteration_does_not_pass_for_the_end_of_the_caller() -> None:
    pool = ServicePool(after_each=lambda: None)
    empty: list[int] = []
    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(pool.call(lambda: next(iter(empty))))


def test_connections_are_looked_after_in_the_same_thread_after_every_call_even_a_failed_one() -> None:
    looked_after: list[str] = []
    pool = ServicePool(after_each=lambda: looked_after.append(threading.current_thread().name), threads=1)

    async def call() -> list[str]:
        first = await pool.call(lambda: threading.current_thread().name)
        with pytest.raises(ZeroDivisionError):
            await pool.call(lambda: 1 // 0)
        return [first]

    names = asyncio.run(call())
    assert pool.close(30)
    assert looked_after == names * 2


def test_calls_run_side_by_side_in_as_many_threads_as_the_pool_has() -> None:
    pool = ServicePool(after_each=lambda: None, threads=3)
    together = threading.Barrier(3, timeout=30)

    async def call() -> None:
        await asyncio.gather(*(pool.call(together.wait) for _ in range(3)))

    asyncio.run(call())


def test_a_caller_who_is_cancelled_takes_back_a_call_that_waits() -> None:
    pool = ServicePool(after_each=lambda: None, threads=1)
    begun, go_on = threading.Event(), threading.Event()
    ran: list[str] = []

    async def call() -> None:
        def first() -> None:
            begun.set()
            assert go_on.wait(30)

        running = asyncio.create_task(pool.call(first))
        await asyncio.to_thread(begun.wait, 30)
        waiting = asyncio.create_task(pool.call(ran.append, "never"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go_on.set()
        await running
        await pool.call(ran.append, "after")

    asyncio.run(call())
    assert ran == ["after"]


def test_a_service_sees_the_context_of_its_caller() -> None:
    language = contextvars.ContextVar("language", default="none")
    pool = ServicePool(after_each=lambda: None)

    async def call() -> str:
        language.set("en")
        return await pool.call(language.get)

    assert asyncio.run(call()) == "en"


def test_a_closed_pool_takes_nothing_more_and_says_whether_something_still_runs() -> None:
    threads = Threads(1, "test")
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(30)

    threads.submit(work)
    assert begun.wait(30)
    assert not threads.close(0.01)
    with pytest.raises(RuntimeError):
        threads.submit(work)
    go_on.set()
    assert threads.close(30)


def test_work_that_raises_does_not_end_its_thread(caplog: pytest.LogCaptureFixture) -> None:
    threads = Threads(1, "test")
    done = threading.Event()

    def fails() -> None:
        raise ZeroDivisionError

    threads.submit(fails)
    threads.submit(done.set)
    assert done.wait(30)
    assert threads.close(30)
    assert "raised what it should have reported" in caplog.text


def test_a_pool_without_threads_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Threads(0, "test")
