"""What both clients share: how they are set up, made and ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ._errors import T, calling
from ._functions import discover
from ._native import idcard_verification as native

if TYPE_CHECKING:
    from typing import Self, TypedDict, Unpack

    class Settings(TypedDict, total=False):
        """How a client is set up; what is left out is as usual."""

        credentials_provider: native.CredentialsProvider | None
        """Provides the keys of each request, in place of `credentials`."""
        credentials_source: native.CredentialsSource | None
        """Where the client finds keys by itself, in place of `credentials`."""
        remote_signer: native.RemoteSigner | None
        """Signs in place of a key that is here, in place of `credentials`."""
        endpoint: str | None
        """Another place to send requests to, such as a sandbox; plain http reaches this machine
        alone."""
        timeout: float | timedelta | None
        """Time a call may take altogether, in seconds or as a `timedelta`; 10 s."""
        local_check: bool
        """Whether number and name are checked before anything is sent; they are."""
        language: native.Language | None
        """Language of the texts in an answer."""
        transport: native.Transport | None
        """An HTTP stack of your own, with an async method `send`."""
        retry: native.RetryPolicy | None
        """How often a call repeats a request that was free; up to 3 requests."""
        requests_per_second: int | None
        """Most requests per second that leave this client: the service's limit; 0 for none."""
        single_flight: bool
        """Whether identical calls at the same time share one request; they do."""
        cache_ttl: float | timedelta | None
        """How long a charged answer is kept and given again for nothing; not at all."""
        remember_daily_limits: bool
        """Whether a used-up daily limit is remembered until the next day in Beijing; it is."""
        proxy: str | None
        """Proxy for https, such as `http://user:password@proxy.example:3128`, in place of the one
        that `HTTPS_PROXY` names."""
        extra_roots: str | None
        """Certificates, as PEM, that are trusted beside those of the system."""
        encryption: native.FieldEncryption | None
        """Encrypts number and name in every request; they are plain inside TLS without."""

    class Options(TypedDict, total=False):
        """Options of one call; what is left out is as the client has it."""

        timeout: float | timedelta | None
        """Time the call may take altogether, in seconds or as a `timedelta`."""
        local_check: bool | None
        """Whether number and name are checked before anything is sent."""
        cancel: native.CancelHandle | None
        """Cancels the call from outside."""
        retry: native.RetryPolicy | None
        """How often the call repeats a request that was free."""
        fresh: bool
        """Ask the service in any case: share no request, and take no answer from memory."""


def _in_native_types(given: Settings | Options) -> dict[str, Any]:
    """The same arguments with seconds as durations."""
    return {
        name: timedelta(seconds=value)
        if name in ("timeout", "cache_ttl") and isinstance(value, (int, float))
        else value
        for name, value in given.items()
    }


class Base:
    """A client without the actions of the service."""

    def __init__(
        self,
        site: native.Site,
        credentials: native.Credentials | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        """Make a client. It connects when it is first called.

        Give one of `credentials`, a `credentials_provider`, a `credentials_source` and a
        `remote_signer`. Raises `ConfigurationError`, and `CredentialsError` when a source is
        malformed.
        """
        config = native.ClientConfig(
            site=site, credentials=credentials, **_in_native_types(settings)
        )
        hosts = ("transport", "credentials_provider", "remote_signer")
        self._calls_back = any(settings.get(part) is not None for part in hosts)
        self._native: native.Client | None = calling(lambda: native.Client(config))

    @classmethod
    def from_env(cls, site: native.Site, **settings: Unpack[Settings]) -> Self:
        """Make a client with the keys in `TENCENTCLOUD_SECRET_ID`, `TENCENTCLOUD_SECRET_KEY` and,
        for temporary ones, `TENCENTCLOUD_TOKEN`.

        Raises `CredentialsError` and `ConfigurationError`.
        """
        return cls(site, calling(native.Credentials.from_env), **settings)

    @classmethod
    def discover(cls, site: native.Site, **settings: Unpack[Settings]) -> Self:
        """Make a client that finds its keys as the vendor's tools do: in the environment, in the
        profile `[default]` of the file that `TENCENTCLOUD_CREDENTIALS_FILE` names, of
        `~/.tencentcloud/credentials` or `/etc/tencentcloud/credentials`, by the role of the virtual
        machine, or by the identity of the pod.

        Raises `CredentialsError` and `ConfigurationError`.
        """
        settings["credentials_source"] = discover()
        return cls(site, **settings)

    def stats(self) -> native.ClientStats:
        """What the client has done so far: calls, requests, retries, charges, latency."""
        return self._open().stats()

    def _open(self) -> native.Client:
        if self._native is None:
            raise RuntimeError("the client is closed")
        return self._native

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        """What a call comes to, with an event loop for what it calls back."""
        return calling(lambda: asyncio.run(call))

    def close(self) -> None:
        """Close connections and forget keys, once the calls in progress have ended."""
        self._native = None


def call_options(options: Options) -> native.CallOptions | None:
    """The options of a call in native types."""
    if not options:
        return None
    return native.CallOptions(**_in_native_types(options))
