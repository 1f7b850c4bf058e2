"""Many people at a time, in bounded memory, without losing what is paid.

A row that is wrong is an outcome like any other. Whatever is under way when the input fails, when
the consumer stops or when a signal comes is waited for, and handed out or kept in `rest`.
"""

from __future__ import annotations

import asyncio
import warnings
from collections import deque
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Sequence,
)
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from ._bridge import native, new_cancel_handle
from ._errors import ClosedError, IdCardError, PanicError, cancelled, not_a_pair, refused

if TYPE_CHECKING:
    from typing import Self

    from ._native.idcard_verification import CancelHandle, Verification

Person = tuple[str, str]
"""A number and a name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one person: an answer or an error. It does not print the person."""

    index: int
    """Place in the input, from 0."""
    person: Person = field(repr=False)
    """The number and the name, or whatever the input had in their place."""
    answer: Verification | None = None
    """The answer, if there was one."""
    error: IdCardError | None = None
    """The error, if there was none."""


def _pair(row: object) -> Person:
    if isinstance(row, (tuple, list)):
        parts = cast("Sequence[Any]", row)
        if len(parts) == 2:
            return parts[0], parts[1]
    raise not_a_pair()


def _error(error: Exception) -> IdCardError:
    """Whatever ended a call, as an error that says what it cost."""
    if isinstance(error, IdCardError):
        return error
    if isinstance(error, ClosedError):
        return refused(str(error))
    made = PanicError("panic: the call ended by another error", charge=native.Charge.UNKNOWN)
    made.__cause__ = error
    return made


class _Run:
    """What both forms share: the handle that stops the calls, and what nobody has taken."""

    def __init__(self, concurrency: int) -> None:
        if concurrency < 1:
            raise ValueError("concurrency is at least 1")
        self._concurrency = concurrency
        self._cancel: CancelHandle = new_cancel_handle()
        self._index = 0
        self._exhausted = False
        self._failure: BaseException | None = None
        self.rest: list[Outcome] = []
        """Outcomes of calls that were under way when the iteration was stopped. Each of them may
        be charged, and none was handed out."""

    def _row(self, row: object) -> tuple[int, Person]:
        # What it is will be seen by the call; here it is what the input had.
        index, self._index = self._index, self._index + 1
        return index, cast("Person", row)

    def _stopped(self, error: BaseException) -> None:
        """Tell, on the exception that stopped it, what was under way."""
        error.outcomes = self.rest  # type: ignore[attr-defined]
        if self.rest:
            error.add_note(
                f"idcard-verification: {len(self.rest)} calls were under way; {_cost(self.rest)}. "
                f"Their outcomes are in `outcomes` of this exception."
            )

    def _warn(self) -> None:
        if self.rest:
            warnings.warn(
                f"verify_many was dropped with {len(self.rest)} outcomes that nobody took; "
                f"{_cost(self.rest)}. Close it, and look at `rest`.",
                ResourceWarning,
                stacklevel=3,
            )


def _cost(outcomes: list[Outcome]) -> str:
    charges = [(o.answer or o.error) for o in outcomes]
    charged = sum(c is not None and c.charge is native.Charge.CHARGED for c in charges)
    unknown = sum(c is not None and c.charge is native.Charge.UNKNOWN for c in charges)
    return f"{charged} of them charged, {unknown} of unknown charge"


def _one(verify: Callable[..., Verification], index: int, row: Person) -> Outcome:
    try:
        number, name = _pair(row)
        return Outcome(index, row, answer=verify(number, name))
    except Exception as error:
        return Outcome(index, row, error=_error(error))


def _settle(
    future: Future[Outcome], verify: Callable[..., Verification], index: int, row: Person
) -> None:
    if future.set_running_or_notify_cancel():
        future.set_result(_one(verify, index, row))


async def _one_async(
    verify: Callable[..., Awaitable[Verification]], index: int, row: Person
) -> Outcome:
    try:
        number, name = _pair(row)
        return Outcome(index, row, answer=await verify(number, name))
    except Exception as error:
        return Outcome(index, row, error=_error(error))
    except asyncio.CancelledError as stopped:
        # Somebody else has cancelled this task. What it may have cost is not lost with it.
        charge = getattr(stopped, "charge", native.Charge.NOT_CHARGED)
        return Outcome(index, row, error=cancelled(charge, getattr(stopped, "attempts", 0)))


class Outcomes(_Run, Iterator[Outcome]):
    """The outcomes of `Client.verify_many`: an iterator, and a context manager that closes it.

    It calls on a pool of threads and reads the input as far as needed. When the input raises, what
    is under way is handed out before the exception. When the consumer stops, `close` waits for it
    and keeps it in `rest`. When a signal comes, it is cancelled, and its outcomes are in `rest` and
    in `outcomes` of the exception.
    """

    def __init__(
        self,
        verify: Callable[[CancelHandle], Callable[..., Verification]],
        people: Iterable[Person],
        concurrency: int,
        ordered: bool,
    ) -> None:
        """Made by `Client.verify_many`."""
        super().__init__(concurrency)
        self._verify = verify(self._cancel)
        self._people = iter(people)
        self._ordered = ordered
        self._window: deque[Future[Outcome]] = deque()
        self._handing: Outcome | None = None
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="idcard-verify")

    def _is_ready(self) -> bool:
        waited = [self._window[0]] if self._ordered and self._window else self._window
        return any(future.done() for future in waited)

    def _fill(self) -> None:
        begun = 0
        while not self._exhausted and len(self._window) < self._concurrency:
            # The input may be slow: what is there is handed out before it is asked again.
            if begun and self._is_ready():
                return
            begun += 1
            try:
                row = next(self._people)
            except StopIteration:
                self._exhausted = True
            except Exception as failure:
                self._exhausted, self._failure = True, failure
            else:
                # In the window before its call may begin: a signal may come in between.
                future: Future[Outcome] = Future()
                self._window.append(future)
                # Not a method: calls under way shall not keep alive what nobody holds any more.
                self._pool.submit(_settle, future, self._verify, *self._row(row))

    def __next__(self) -> Outcome:
        """The next outcome."""
        self._handing = None
        try:
            self._fill()
            if self._window:
                future = self._window[0]
                if not self._ordered:
                    done, _ = wait(self._window, return_when=FIRST_COMPLETED)
                    future = next(future for future in self._window if future in done)
                # Kept until the next one is asked for: a signal may come before it arrives.
                self._handing = future.result()
                self._window.remove(future)
                return self._handing
        except BaseException as stopped:
            self._cancel.cancel()
            self.close()
            if self._handing is not None:
                self.rest.append(self._handing)
            self._stopped(stopped)
            raise
        self._pool.shutdown(wait=False)
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        raise StopIteration

    def close(self) -> list[Outcome]:
        """Start no further call and wait for those under way. Gives back `rest`."""
        self._exhausted = True
        while self._window:
            future = self._window[0]
            if not future.cancel():
                outcome = future.result()
                if self._handing is None or outcome.index != self._handing.index:
                    self.rest.append(outcome)
            self._window.popleft()
        self._pool.shutdown(wait=False)
        return self.rest

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, Exception):
            self._cancel.cancel()
            self.close()
            self._stopped(error)
        else:
            self.close()

    def __del__(self) -> None:
        if getattr(self, "_window", None):
            self.close()
            self._warn()


class AsyncOutcomes(_Run, AsyncIterator[Outcome]):
    """The outcomes of `AsyncClient.verify_many`: an asynchronous iterator and context manager.

    As `Outcomes`; the calls are tasks of the caller's loop. When the consumer's task is cancelled,
    so are they, and their outcomes are in `rest` and in `outcomes` of the `CancelledError`.
    """

    def __init__(
        self,
        verify: Callable[[CancelHandle], Callable[..., Awaitable[Verification]]],
        people: Iterable[Person] | AsyncIterable[Person],
        concurrency: int,
        ordered: bool,
    ) -> None:
        """Made by `AsyncClient.verify_many`."""
        super().__init__(concurrency)
        self._verify = verify(self._cancel)
        self._people = _as_async(people)
        self._ordered = ordered
        self._window: deque[asyncio.Task[Outcome]] = deque()
        self._begun: dict[asyncio.Task[Outcome], tuple[int, Person]] = {}
        self._reading: asyncio.Task[Any] | None = None

    def _outcome_of(self, task: asyncio.Task[Outcome]) -> Outcome:
        index, person = self._begun.pop(task)
        if task.cancelled():
            # Before it began.
            return Outcome(index, person, error=cancelled(native.Charge.NOT_CHARGED, 0))
        return task.result()

    def _take_in(self, reading: asyncio.Task[Any]) -> None:
        """A row that has been read begins its call."""
        self._reading = None
        try:
            row = reading.result()
        except StopAsyncIteration:
            self._exhausted = True
        except Exception as failure:
            self._exhausted, self._failure = True, failure
        else:
            index, person = self._row(row)
            task = asyncio.create_task(_one_async(self._verify, index, person))
            self._begun[task] = index, person
            self._window.append(task)

    async def __anext__(self) -> Outcome:
        """The next outcome."""
        try:
            while True:
                if not self._exhausted and len(self._window) < self._concurrency:
                    self._reading = self._reading or asyncio.ensure_future(anext(self._people))
                calls: list[Any] = (
                    [self._window[0]] if self._ordered and self._window else [*self._window]
                )
                waited = [*calls, self._reading] if self._reading else calls
                if not waited:
                    break
                done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                if self._reading in done:
                    assert self._reading is not None
                    self._take_in(self._reading)
                    # The window is filled before anything is handed out, as far as rows are there.
                    if not self._exhausted and len(self._window) < self._concurrency:
                        continue
                task = next((task for task in calls if task.done()), None)
                if task is not None:
                    self._window.remove(task)
                    return self._outcome_of(task)
        except BaseException as stopped:
            self._cancel.cancel()
            await self.aclose()
            self._stopped(stopped)
            raise
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        raise StopAsyncIteration

    async def aclose(self) -> list[Outcome]:
        """Start no further call and wait for those under way. Gives back `rest`."""
        self._exhausted = True
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        while self._window:
            await asyncio.wait([self._window[0]])
            self.rest.append(self._outcome_of(self._window.popleft()))
        return self.rest

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, Exception):
            self._cancel.cancel()
            await self.aclose()
            self._stopped(error)
        else:
            await self.aclose()

    def __del__(self) -> None:
        window = getattr(self, "_window", None)
        if window:
            warnings.warn(
                f"verify_many was dropped with {len(window)} calls under way, which may be "
                f"charged. Close it by `aclose`, and look at `rest`.",
                ResourceWarning,
                stacklevel=2,
            )


async def _as_async(people: Iterable[Person] | AsyncIterable[Person]) -> AsyncIterator[Person]:
    if isinstance(people, AsyncIterable):
        async for person in people:
            yield person
    else:
        for person in people:
            yield person
