"""What both clients share: how they are set up, made and ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ._auth import Auth, auth_of, calls_back
from ._bridge import native, refuse
from ._errors import ClosedError, guarded, refused, translate_errors
from ._waiting import HostLoop

if TYPE_CHECKING:
    from typing import Self, TypedDict, Unpack

    class Settings(TypedDict, total=False):
        """How a client is set up. Each setting has a default."""

        endpoint: str | None
        """Another place to send requests to, such as a sandbox. `scheme://host[:port]`; plain http
        reaches this machine alone. Default: the host of the site."""
        timeout: float | timedelta | None
        """Time a call may take altogether, with all its requests. Seconds or a `timedelta`,
        0.001 to a day. Default: 10."""
        local_check: bool
        """Whether number and name are checked before anything is sent. Default: yes."""
        language: native.Language | None
        """Language of the texts in an answer. Default: the service's choice."""
        transport: native.Transport | None
        """An HTTP stack of your own, with an async method `send`. Default: the library's."""
        retry: native.RetryPolicy | None
        """Retry policy of requests that are certain to be free. Default: up to 3 per call."""
        requests_per_second: int | None
        """Rate limit of this client, in requests per second; further calls wait within their
        timeout. 0 (no limit) to 1,000,000. Default: the limit of the service, 100."""
        single_flight: bool
        """Whether identical calls at the same time share one request. Default: yes."""
        cache_ttl: float | timedelta | None
        """Cache: how long a charged answer answers identical calls, which are then free. Seconds or
        a `timedelta`, up to a year. Default: no cache."""
        remember_daily_limits: bool
        """Whether result -7 (the day's attempts are used up) is remembered until midnight in
        Beijing. Default: yes."""
        proxy: str | None
        """Proxy for https, such as `http://user:password@proxy.example:3128`. Default: the one that
        `HTTPS_PROXY` names."""
        extra_roots: str | None
        """Certificates, as PEM, that are trusted beside those of the system. Default: none."""
        pool_idle_timeout: float | timedelta | None
        """How long a connection is kept for the next call. Seconds or a `timedelta`; 0 for one
        connection per call. Default: 30."""
        encryption: native.FieldEncryption | None
        """Encrypts number and name in every request. Default: they are plain inside TLS."""
        ledger: native.LedgerConfig | None
        """Ledger: what was asked and what came of it, across clients and processes. What it says
        was charged is not asked again, and what it has open is refused with a `NotClaimedError`; a
        call whose claim fails is not sent. `fresh` calls are claimed too. Default: none."""

    class Options(TypedDict, total=False):
        """Options of one call."""

        timeout: float | timedelta | None
        """Time this call may take altogether. Seconds or a `timedelta`. Default: the client's."""
        local_check: bool | None
        """Whether number and name are checked before anything is sent. Default: as the client
        does."""
        cancel: native.CancelHandle | None
        """Cancels the call from outside. Default: nothing does."""
        retry: native.RetryPolicy | None
        """How often this call repeats a request that was free. Default: as the client does."""
        fresh: bool
        """Bypasses single-flight, the cache and the daily limits: this call sends its own request.
        Default: no."""
        progress: native.CallProgress | None
        """Tells what the call has cost so far, also after it was stopped. For one call only.
        Default: none."""


_TIMES = ("timeout", "cache_ttl", "pool_idle_timeout")


def _duration(name: str, value: object) -> object:
    """Seconds as a duration; raises `ConfigurationError` for a time that cannot be."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            value = timedelta(seconds=value)
        except (ValueError, OverflowError):
            value = None
    elif value is None:
        return None
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise refused(f"{name}: it is no time in seconds, and no timedelta, of 0 or more")
    return value


def _in_native_types(given: Settings | Options) -> dict[str, Any]:
    """The same arguments with seconds as durations."""
    return {
        name: _duration(name, value) if name in _TIMES else value for name, value in given.items()
    }


def _native_client(site: native.Site, auth: Any, settings: Settings) -> native.Client:
    def make() -> native.Client:
        config = native.ClientConfig(site=site, auth=auth, **_in_native_types(settings))
        return native.Client(config)

    return guarded(make, "a setting")


class Base:
    """A client without the actions of the service."""

    _of: Base | None = None
    """The client that this one is of, which closes both."""

    def __init__(
        self,
        site: native.Site,
        auth: Auth | native.Credentials,
        **settings: Unpack[Settings],
    ) -> None:
        """Make a client. It connects when it is first called.

        `auth` is a pair of keys or an `Auth`. Raises `ConfigurationError`, and `CredentialsError`
        when keys that the library finds by itself are malformed.
        """
        given = auth_of(auth)
        parts = (settings.get("transport"), settings.get("ledger"))
        has_host = any(part is not None for part in parts) or calls_back(given)
        self._host = HostLoop() if has_host else None
        self._native: native.Client | None = _native_client(site, given, settings)

    __copy__ = __deepcopy__ = __reduce__ = __reduce_ex__ = refuse

    @classmethod
    def from_env(cls, site: native.Site, **settings: Unpack[Settings]) -> Self:
        """Make a client with the keys in `TENCENTCLOUD_SECRET_ID`, `TENCENTCLOUD_SECRET_KEY` and,
        for temporary ones, `TENCENTCLOUD_TOKEN`.

        Raises `CredentialsError` and `ConfigurationError`.
        """
        return cls(site, translate_errors(native.Credentials.from_env), **settings)

    @classmethod
    def from_default_chain(cls, site: native.Site, **settings: Unpack[Settings]) -> Self:
        """Make a client that finds its keys by itself; see `Auth.default_chain`.

        Raises `CredentialsError` and `ConfigurationError`.
        """
        return cls(site, Auth.default_chain(), **settings)

    def stats(self) -> native.ClientStats:
        """What the client has done so far: calls, requests, retries, charges, latency."""
        return self._open().stats()

    def _open(self) -> native.Client:
        if self._native is None or (self._of is not None and self._of._native is None):
            raise ClosedError("the client is closed")
        return self._native

    def _cancelled_by(self, handle: native.CancelHandle) -> Self:
        """The same client for calls that end together."""
        return self._like(self._open().cancelled_by(handle))

    def _claimed_in(self, ledger: native.LedgerConfig | None) -> Self:
        """The same client for calls that have a ledger of their own, if they do."""
        if ledger is None:
            return self
        same = self._like(guarded(lambda: self._open().with_ledger(ledger), "the ledger"))
        # A ledger is called back, and it may be the first that is.
        same._host = self._host or HostLoop()
        return same

    def _like(self, made: native.Client) -> Self:
        same = object.__new__(type(self))
        vars(same).update(vars(self))
        same._native = made
        same._of = self._of or self
        return same

    def close(self) -> None:
        """Close connections and forget keys, once the calls in progress have ended."""
        self._native = None
        if self._host is not None:
            self._host.close()


def call_options(options: Options) -> native.CallOptions | None:
    """The options of a call in native types."""
    if not options:
        return None
    given = native.CallOptions(**_in_native_types(options))
    # A record of another type is seen now, and not by the call.
    converter: Any = native._UniffiFfiConverterTypeCallOptions
    guarded(lambda: converter.check_lower(given), "an option")
    return given
