"""Many people at a time, in bounded memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ._errors import IdCardError

if TYPE_CHECKING:
    from ._native.idcard_verification import Verification

Person = tuple[str, str]
"""A number and a name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one person: an answer or an error. It does not print the person."""

    index: int
    """Place in the input, from 0."""
    person: Person = field(repr=False)
    """The number and the name."""
    answer: Verification | None = None
    """The answer, if there was one."""
    error: IdCardError | None = None
    """The error, if there was none."""


def verify_many(
    verify: Callable[[str, str], Verification],
    people: Iterable[Person],
    concurrency: int,
    ordered: bool,
) -> Iterator[Outcome]:
    """Run on a pool of threads. Closing the iterator starts no further call."""
    if concurrency < 1:
        raise ValueError("concurrency is at least 1")

    def one(index: int, person: Person) -> Outcome:
        try:
            return Outcome(index, person, answer=verify(*person))
        except IdCardError as error:
            return Outcome(index, person, error=error)

    def run() -> Iterator[Outcome]:
        with ThreadPoolExecutor(concurrency, thread_name_prefix="idcard-verify") as pool:
            window: deque[Future[Outcome]] = deque()
            for index, person in enumerate(people):
                if len(window) == concurrency:
                    yield _next(window, ordered)
                window.append(pool.submit(one, index, person))
            while window:
                yield _next(window, ordered)

    return run()


def _next(window: deque[Future[Outcome]], ordered: bool) -> Outcome:
    if ordered:
        return window.popleft().result()
    done, _ = wait(window, return_when=FIRST_COMPLETED)
    future = next(future for future in window if future in done)
    window.remove(future)
    return future.result()


def verify_many_async(
    verify: Callable[[str, str], Awaitable[Verification]],
    people: Iterable[Person] | AsyncIterable[Person],
    concurrency: int,
    ordered: bool,
) -> AsyncIterator[Outcome]:
    """Run as tasks of the caller's loop. Closing the iterator cancels those in progress."""
    if concurrency < 1:
        raise ValueError("concurrency is at least 1")

    async def one(index: int, person: Person) -> Outcome:
        try:
            return Outcome(index, person, answer=await verify(*person))
        except IdCardError as error:
            return Outcome(index, person, error=error)

    async def run() -> AsyncIterator[Outcome]:
        window: deque[asyncio.Task[Outcome]] = deque()
        try:
            index = 0
            async for person in _as_async(people):
                if len(window) == concurrency:
                    yield await _next_async(window, ordered)
                window.append(asyncio.create_task(one(index, person)))
                index += 1
            while window:
                yield await _next_async(window, ordered)
        finally:
            for task in window:
                task.cancel()

    return run()


async def _next_async(window: deque[asyncio.Task[Outcome]], ordered: bool) -> Outcome:
    if ordered:
        await asyncio.wait([window[0]])
        return window.popleft().result()
    done, _ = await asyncio.wait(window, return_when=asyncio.FIRST_COMPLETED)
    task = next(task for task in window if task in done)
    window.remove(task)
    return task.result()


async def _as_async(people: Iterable[Person] | AsyncIterable[Person]) -> AsyncIterator[Person]:
    if isinstance(people, AsyncIterable):
        async for person in people:
            yield person
    else:
        for person in people:
            yield person
