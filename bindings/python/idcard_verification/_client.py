"""The client, blocking and for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING

from . import _many
from ._errors import calling, translated
from ._native import idcard_verification as native

if TYPE_CHECKING:
    from typing import Self

    from ._many import Outcome, Person


def _duration(seconds: float | timedelta | None) -> timedelta | None:
    if seconds is None or isinstance(seconds, timedelta):
        return seconds
    return timedelta(seconds=seconds)


class _Base:
    """What both clients share: how they are made, and how they end."""

    def __init__(
        self,
        site: native.Site,
        credentials: native.Credentials | None = None,
        *,
        credentials_provider: native.CredentialsProvider | None = None,
        endpoint: str | None = None,
        timeout: float | timedelta | None = None,
        local_check: bool = True,
        language: native.Language | None = None,
        transport: native.Transport | None = None,
    ) -> None:
        """Make a client. It connects when it is first called.

        Give either `credentials` or a `credentials_provider`. `timeout` is the time a call may
        take altogether, in seconds or as a `timedelta`; 10 s if it is left out. `endpoint` is
        another place to send requests to, such as a sandbox; plain http reaches this machine
        alone. `transport` is an HTTP stack of your own, with an async method `send`.

        Raises `ConfigurationError`.
        """
        config = native.ClientConfig(
            site=site,
            credentials=credentials,
            credentials_provider=credentials_provider,
            endpoint=endpoint,
            timeout=_duration(timeout),
            local_check=local_check,
            language=language,
            transport=transport,
        )
        self._has_transport = transport is not None or credentials_provider is not None
        self._native: native.Client | None = calling(lambda: native.Client(config))

    @classmethod
    def from_env(
        cls,
        site: native.Site,
        *,
        endpoint: str | None = None,
        timeout: float | timedelta | None = None,
        local_check: bool = True,
        language: native.Language | None = None,
        transport: native.Transport | None = None,
    ) -> Self:
        """Make a client with the keys in `TENCENTCLOUD_SECRET_ID`, `TENCENTCLOUD_SECRET_KEY` and,
        for temporary ones, `TENCENTCLOUD_TOKEN`.

        Raises `CredentialsError` and `ConfigurationError`.
        """
        return cls(
            site,
            calling(native.Credentials.from_env),
            endpoint=endpoint,
            timeout=timeout,
            local_check=local_check,
            language=language,
            transport=transport,
        )

    def _open(self) -> native.Client:
        if self._native is None:
            raise RuntimeError("the client is closed")
        return self._native

    def close(self) -> None:
        """Close connections and forget keys, once the calls in progress have ended."""
        self._native = None


def _options(
    timeout: float | timedelta | None,
    local_check: bool | None,
    cancel: native.CancelHandle | None,
) -> native.CallOptions | None:
    if timeout is None and local_check is None and cancel is None:
        return None
    return native.CallOptions(timeout=_duration(timeout), local_check=local_check, cancel=cancel)


class Client(_Base):
    """Verifies identities and waits for each answer. It may be shared between threads."""

    def verify(
        self,
        id_number: str,
        name: str,
        *,
        timeout: float | timedelta | None = None,
        local_check: bool | None = None,
        cancel: native.CancelHandle | None = None,
        encryption: native.Encryption | None = None,
    ) -> native.Verification:
        """Verify that an identity-card number and a name belong together.

        Raises an `IdCardError`, which says what the call cost.
        """
        client = self._open()
        options = _options(timeout, local_check, cancel)
        if self._has_transport:
            # A transport in Python needs an event loop to run in.
            coroutine = client.verify(id_number, name, options, encryption)
            return calling(lambda: asyncio.run(coroutine))
        try:
            return client.verify_blocking(id_number, name, options, encryption)
        except native.IdCardError as error:
            raise translated(error) from None

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


class AsyncClient(_Base):
    """Verifies identities under asyncio."""

    async def verify(
        self,
        id_number: str,
        name: str,
        *,
        timeout: float | timedelta | None = None,
        local_check: bool | None = None,
        cancel: native.CancelHandle | None = None,
        encryption: native.Encryption | None = None,
    ) -> native.Verification:
        """Verify that an identity-card number and a name belong together.

        Raises an `IdCardError`, which says what the call cost. Cancelling the task stops the
        call at once, but whether it is charged is then unknown if the request had left; to be
        told, cancel by the `cancel` handle.
        """
        options = _options(timeout, local_check, cancel)
        try:
            return await self._open().verify(id_number, name, options, encryption)
        except native.IdCardError as error:
            raise translated(error) from None

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
