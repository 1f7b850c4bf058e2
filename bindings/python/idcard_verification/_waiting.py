"""Waiting for a call: so that Ctrl-C ends it at once, and whoever stops it learns what it may have
cost.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError as FutureCancelled
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from ._bridge import native, new_parked_call
from ._errors import (
    NATIVE_ERROR,
    ClosedError,
    ConfigurationError,
    IdCardError,
    panic,
    to_public_error,
    translate_errors,
)

if TYPE_CHECKING:
    from ._native.idcard_verification import Charge, ParkedCall

T = TypeVar("T")

PIECE_MS = 50
"""A signal is handled between two pieces of a native call, so after this time at most."""
_STOPPING = 0.1
"""Seconds that a call which is stopped has to say how far it came."""


class _Place:
    """Where a call in pieces is between two of them, one call after the other."""

    __slots__ = ("ended", "parked")

    def __init__(self) -> None:
        self.parked = new_parked_call()
        self.ended = 0


_places: list[_Place] = []
# More than one when a handler of a signal calls in the middle of a call.


def sees_signals() -> bool:
    """Whether this is the thread that Python handles signals in."""
    return threading.get_ident() == threading.main_thread().ident


def in_pieces(step: Callable[[ParkedCall, int], T | None]) -> T:
    """Wait for a native call piece by piece, with signals handled in between."""
    place = _places.pop() if _places else _Place()
    parked = place.parked
    try:
        while (answer := step(parked, PIECE_MS)) is None:
            pass
    except NATIVE_ERROR as error:
        # Whether or not it had begun.
        place.ended = parked.begun()
        _places.append(place)
        made = to_public_error(error)
        raise made from made.__cause__
    except native.InternalError:
        raise panic() from None
    except BaseException as stopped:
        # A handler of a signal may raise what it likes, also before the call begins.
        parked.stop()
        if parked.begun() > place.ended:
            latest = native.CallProgress.of_latest()
            _put_cost(stopped, latest.charge(), latest.attempts())
        else:
            _put_cost(stopped, native.Charge.NOT_CHARGED, 0)
        raise
    place.ended += 1
    _places.append(place)
    return answer


def tell_cost(stopped: BaseException) -> None:
    """Tell on the exception that cancelled an awaited call what it may have cost."""
    abandoned = native.CallProgress.of_abandoned()
    _put_cost(stopped, abandoned.charge(), abandoned.attempts())


def _put_cost(stopped: BaseException, charge: Charge, attempts: int) -> None:
    """Put on an exception what the call that it ended may have cost: as its `charge`, its
    `attempts`, and a note.
    """
    stopped.charge = charge  # type: ignore[attr-defined]
    stopped.attempts = attempts  # type: ignore[attr-defined]
    words = charge.name.lower().replace("_", " ")
    stopped.add_note(
        f"idcard-verification: a call was stopped; charge: {words}, attempts: {attempts}"
    )


class HostLoop:
    """An event loop in a thread of its own, for what a blocking client calls back in Python.

    It serves callers with a running loop as well as those without one, and lives as long as the
    client, so that the connections of a host's transport do, too.
    """

    _starting = threading.Lock()

    def __init__(self) -> None:
        self._process = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Lock()

    def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Wait for a call that is made in the loop, in the context of the caller."""
        loop = self._started()
        if threading.current_thread() is self._thread:
            raise ConfigurationError(
                "configuration: a blocking call inside the transport, provider, signer or ledger "
                "of its own client would wait for itself; use AsyncClient there",
                charge=native.Charge.NOT_CHARGED,
            )
        outcome: Future[T] = Future()
        task: asyncio.Task[None] | None = None

        async def settle() -> None:
            try:
                outcome.set_result(await call())
            except BaseException as error:
                if isinstance(error, asyncio.CancelledError):
                    tell_cost(error)
                outcome.set_exception(error)

        def begin() -> None:
            nonlocal task
            task = loop.create_task(settle())

        with self._closing:
            # Another thread may have closed the client in between.
            if self._loop is not loop or loop.is_closed():
                raise ClosedError("the client is closed")
            loop.call_soon_threadsafe(begin, context=contextvars.copy_context())
        try:
            return translate_errors(outcome.result)
        except IdCardError:
            raise
        except BaseException as stopped:
            loop.call_soon_threadsafe(lambda: task and task.cancel())
            charge, attempts = native.Charge.UNKNOWN, 0
            with contextlib.suppress(TimeoutError, FutureCancelled):
                ended = outcome.exception(_STOPPING)
                charge = getattr(ended, "charge", charge)
                attempts = getattr(ended, "attempts", attempts)
            _put_cost(stopped, charge, attempts)
            raise

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._process != os.getpid():
            with HostLoop._starting:
                if self._loop is None or self._process != os.getpid():
                    loop = asyncio.new_event_loop()
                    thread = threading.Thread(
                        target=_serve, args=(loop,), name="idcard-verify-host", daemon=True
                    )
                    thread.start()
                    # The loop last: whoever sees it sees the rest.
                    self._process, self._thread, self._loop = os.getpid(), thread, loop
        loop = self._loop
        assert loop is not None
        return loop

    def close(self) -> None:
        """Stop the loop once its calls have ended, if this process started it."""
        if self._process != os.getpid():
            # Of another process, as is whoever held the lock when this one was forked.
            self._loop = None
            return
        with self._closing:
            loop, self._loop = self._loop, None
            if loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(_end, loop)

    def __del__(self) -> None:
        self.close()


def _end(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    if not tasks:
        loop.stop()
    for task in tasks:
        task.add_done_callback(lambda _: _end(loop))


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


def _after_fork() -> None:
    HostLoop._starting = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
