"""What both clients share: how they are set up, made and ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ._auth import Auth, auth_of, calls_back
from ._bridge import native, refuse
from ._errors import ClosedError, calling, refused
from ._waiting import HostLoop

if TYPE_CHECKING:
    from typing import Self, TypedDict, Unpack

    class Settings(TypedDict, total=False):
        """How a client is set up; what is left out is as usual."""

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
        pool_idle_timeout: float | timedelta | None
        """How long a connection is kept for the next call; 30 s, and 0 opens one for each call."""
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
        progress: native.CallProgress | None
        """Tells what the call has cost so far, also after it was stopped. For one call only."""


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
    try:
        config = native.ClientConfig(site=site, auth=auth, **_in_native_types(settings))
        return calling(lambda: native.Client(config))
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        # Of the bridge: a setting of another type or beyond its range. A text that cannot be
        # encoded is in the error, so the error is left behind.
        kind = "a text cannot be encoded" if isinstance(error, UnicodeError) else str(error)
    raise refused(f"a setting cannot be used: {kind}")


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
        has_host = settings.get("transport") is not None or calls_back(given)
        self._host = HostLoop() if has_host else None
        self._native: native.Client | None = _native_client(site, given, settings)

    __copy__ = __deepcopy__ = __reduce__ = __reduce_ex__ = refuse

    @classmethod
    def from_env(cls, site: native.Site, **settings: Unpack[Settings]) -> Self:
        """Make a client with the keys in `TENCENTCLOUD_SECRET_ID`, `TENCENTCLOUD_SECRET_KEY` and,
        for temporary ones, `TENCENTCLOUD_TOKEN`.

        Raises `CredentialsError` and `ConfigurationError`.
        """
        return cls(site, calling(native.Credentials.from_env), **settings)

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
        same = object.__new__(type(self))
        same._host, same._native = self._host, self._open().cancelled_by(handle)
        same._of = self
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
    return native.CallOptions(**_in_native_types(options))
