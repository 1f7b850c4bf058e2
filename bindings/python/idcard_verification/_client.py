"""The client, blocking and for asyncio. Its actions are made from the spec."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from ._actions import Actions, AsyncActions
from ._many import AsyncOutcomes, Outcomes

if TYPE_CHECKING:
    from typing import Self

    from ._many import Person
    from ._native.idcard_verification import LedgerConfig


class Client(Actions):
    """Verifies identities and waits for each answer.

    It may be shared between threads, and used on both sides of a fork. Ctrl-C ends a call at once;
    the `KeyboardInterrupt` has its `charge` and `attempts`.
    """

    def verify_many(
        self,
        people: Iterable[Person],
        *,
        concurrency: int = 8,
        ordered: bool = True,
        ledger: LedgerConfig | None = None,
    ) -> Outcomes:
        """Verify many people, `concurrency` at a time, with as few in memory.

        `people` is any iterable of (number, name), read as far as needed. Each gives an
        `Outcome`, in their order or, with `ordered=False`, as they complete. An error ends its
        own call, not the others, and so does a row that is no number and name. What is paid is
        handed out or in `rest`: see `Outcomes`. The calls are claimed in `ledger`, or else in that
        of the client.
        """
        client = self._claimed_in(ledger)
        return Outcomes(
            lambda handle: client._cancelled_by(handle).verify, people, concurrency, ordered
        )

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
    """Verifies identities under asyncio.

    It may be shared between tasks, loops and threads, and used on both sides of a fork.
    """

    def verify_many(
        self,
        people: Iterable[Person] | AsyncIterable[Person],
        *,
        concurrency: int = 64,
        ordered: bool = True,
        ledger: LedgerConfig | None = None,
    ) -> AsyncOutcomes:
        """Verify many people, `concurrency` at a time, with as few in memory.

        As `Client.verify_many`; `people` may be asynchronous too.
        """
        client = self._claimed_in(ledger)
        return AsyncOutcomes(
            lambda handle: client._cancelled_by(handle).verify, people, concurrency, ordered
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
