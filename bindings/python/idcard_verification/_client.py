"""The client, blocking and for asyncio. Its actions are made from the spec."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from . import _many
from ._actions import Actions, AsyncActions

if TYPE_CHECKING:
    from typing import Self

    from ._many import Outcome, Person


class Client(Actions):
    """Verifies identities and waits for each answer. It may be shared between threads."""

    def verify_many(
        self, people: Iterable[Person], *, concurrency: int = 8, ordered: bool = True
    ) -> Iterator[Outcome]:
        """Verify many people, `concurrency` at a time, with as few in memory.

        `people` is any iterable of (number, name), read as far as needed. Each gives an
        `Outcome`, in their order or, with `ordered=False`, as they complete. An error ends its
        own call, not the others.
        """
        return _many.verify_many(self.verify, people, concurrency, ordered)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClient(AsyncActions):
    """Verifies identities under asyncio."""

    def verify_many(
        self,
        people: Iterable[Person] | AsyncIterable[Person],
        *,
        concurrency: int = 64,
        ordered: bool = True,
    ) -> AsyncIterator[Outcome]:
        """Verify many people, `concurrency` at a time, with as few in memory.

        As `Client.verify_many`; `people` may be asynchronous too.
        """
        return _many.verify_many_async(self.verify, people, concurrency, ordered)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
