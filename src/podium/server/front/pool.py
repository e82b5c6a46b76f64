"""The threads in which asynchronous code calls services, which are synchronous and use the database."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from podium.server.front.threads import Threads

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class ServicePool:
    """Calls services in `threads` threads of its own, each of which keeps its database connection.

    `after_each` runs in the thread after every call, whether or not it failed: Django's `close_old_connections`, which
    drops a connection that broke and, under CONN_MAX_AGE=None, keeps every other.
    """

    def __init__(self, *, after_each: Callable[[], None], threads: int = 4) -> None:
        self._after_each = after_each
        self._threads = Threads(threads, "services")

    async def call(
        self, function: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """The result of `function(*args, **kwargs)`, or its exception.

        A caller who is cancelled takes back a call that waits; one that runs ends by itself, and its result is dropped.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Result] = loop.create_future()
        context = contextvars.copy_context()

        def work() -> None:
            try:
                result = context.run(function, *args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised again where the call is awaited
                _report(loop, _fail, outcome, error)
            else:
                _report(loop, _succeed, outcome, result)
            finally:
                self._after_each()

        ticket = self._threads.submit(work)
        try:
            return await outcome
        finally:
            self._threads.withdraw(ticket)

    def close(self, timeout_s: float) -> bool:
        """Take no more calls; False where one still runs after `timeout_s`."""
        return self._threads.close(timeout_s)


def _report(loop: asyncio.AbstractEventLoop, settle: Callable[..., None], *args: object) -> None:
    try:
        loop.call_soon_threadsafe(settle, *args)
    except RuntimeError:
        # The loop was closed while the service still worked: the process ends, and nobody awaits the outcome.
        return


def _succeed(outcome: asyncio.Future[Result], result: Result) -> None:
    if not outcome.done():
        outcome.set_result(result)


def _fail(outcome: asyncio.Future[Result], error: BaseException) -> None:
    if outcome.done():
        return
    if isinstance(error, StopIteration):
        # A future refuses it, because it would end the coroutine that awaits it without a word.
        failure = RuntimeError("A service raised StopIteration.")
        failure.__cause__ = error
        outcome.set_exception(failure)
    else:
        outcome.set_exception(error)
