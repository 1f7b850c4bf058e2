"""Everything that can go wrong, as exceptions that type checkers understand.

The fields are those of the native errors; none holds personal data or a key.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._bridge import members, native, reduce
from ._host_errors import found

if TYPE_CHECKING:
    from ._native.idcard_verification import (
        AnswerProblem,
        Charge,
        ErrorCode,
        ErrorKind,
        InputProblem,
        LedgerProblem,
        NetworkFailure,
        Retry,
    )


NATIVE_ERROR: type[Exception] = cast("type[Exception]", native.IdCardError)
"""What the native library raises; a type checker cannot see through how that is made."""


class IdCardError(Exception):
    """Why a call failed, and whether it was charged."""

    charge: Charge
    """What the failed call cost."""
    attempts: int
    """How many requests were made."""
    request_id: str | None
    """Identifier of the request, for the vendor's support, where there is one."""
    retry: Retry
    """When the same call may be made again without paying twice."""
    meaning: str
    """What the error means, in English; of a `ServiceError` as the spec has it for its `code`."""

    def __init__(
        self,
        text: str,
        *,
        charge: Charge,
        attempts: int = 0,
        request_id: str | None = None,
        retry: Retry | None = None,
        meaning: str = "",
    ) -> None:
        super().__init__(text)
        self.charge = charge
        self.attempts = attempts
        self.request_id = request_id
        self.retry = retry or native.Retry.NEVER
        self.meaning = meaning or text

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce(self)


class InvalidInputError(IdCardError):
    """A parameter is wrong. Nothing was sent."""

    field: str
    """Name of the parameter."""
    problem: InputProblem
    """What is wrong with it."""


class ConfigurationError(IdCardError):
    """The client cannot be made, or be used this way. Nothing was sent."""


class CredentialsError(IdCardError):
    """There are no usable credentials. Nothing was sent."""


class NotClaimedError(IdCardError):
    """The call could not be claimed in its ledger. Nothing was sent."""

    problem: LedgerProblem
    """Why not."""
    detail: str | None
    """What the ledger says of it, where it says anything: its `reason`, or that it raised an
    exception, which is then the `__cause__`."""


class NetworkError(IdCardError):
    """The network failed before an answer was there."""

    failure: NetworkFailure
    """What failed."""
    detail: str | None
    """What more is known of it: that the application's transport raised an exception, which is then
    the `__cause__`."""
    sent: bool
    """Whether any part of the request may have left."""


class CallCancelledError(IdCardError):
    """The call was cancelled by its handle. It stopped waiting; the service may not have."""

    sent: bool
    """Whether any part of a request may have left."""


class ServiceError(IdCardError):
    """The service refused the request or failed."""

    kind: ErrorKind
    """Coarse, stable kind."""
    error_code: ErrorCode
    """The code, typed."""
    code: str
    """The code exactly as the service sent it."""


class UnreadableAnswerError(IdCardError):
    """There was an answer and it could not be read."""

    problem: AnswerProblem
    """Kind of the problem."""
    detail: str
    """Where and how the answer differs from what was expected. It quotes no value."""
    http_status: int | None
    """HTTP status, if it is known."""


class PanicError(IdCardError):
    """The library has a fault, or a part of the application that it called. Please report it; the
    charge is unknown.
    """


class ClosedError(RuntimeError):
    """A client was used after it was closed."""


_BY_VARIANT: dict[str, type[IdCardError]] = {
    "InvalidInput": InvalidInputError,
    "Configuration": ConfigurationError,
    "Credentials": CredentialsError,
    "Ledger": NotClaimedError,
    "Network": NetworkError,
    "Cancelled": CallCancelledError,
    "Service": ServiceError,
    "UnreadableAnswer": UnreadableAnswerError,
    "Panic": PanicError,
}


def to_public_error(error: Any) -> IdCardError:
    """Our exception for a native one, with all its fields."""
    cause = None
    if detail := getattr(error, "detail", None):
        error.detail, cause = found(detail)
    fields = members(error)
    made = _BY_VARIANT.get(type(error).__name__, IdCardError)(
        native.describe_error(error),
        charge=fields.pop("charge", native.Charge.NOT_CHARGED),
        attempts=fields.pop("attempts", 0),
        request_id=fields.pop("request_id", None),
        retry=native.retry_of_error(error),
        meaning=native.meaning_of_error(error),
    )
    vars(made).update(fields)
    made.__cause__ = cause
    return made


T = TypeVar("T")


def translate_errors(function: Callable[[], T]) -> T:
    """Calls the native library; its errors arrive as ours."""
    try:
        return function()
    except NATIVE_ERROR as error:
        made = to_public_error(error)
        raise made from made.__cause__
    except native.InternalError:
        raise panic() from None


def panic() -> PanicError:
    """For a fault of the library that it could not tell of itself. The words of one may hold
    anything.
    """
    return PanicError("panic: the library has a fault", charge=native.Charge.UNKNOWN)


def refused(why: str) -> ConfigurationError:
    """The error of a setting that cannot be handed to the native library."""
    error = to_public_error(_Native.Configuration(detail=why))
    assert isinstance(error, ConfigurationError)
    return error


def cancelled(charge: Charge, attempts: int) -> IdCardError:
    """The error of a call that somebody has cancelled."""
    sent = charge is not native.Charge.NOT_CHARGED
    return to_public_error(_Native.Cancelled(sent=sent, charge=charge, attempts=attempts))


def invalid(field: str, problem: native.InputProblem) -> InvalidInputError:
    """The error of a parameter that cannot be handed to the native library."""
    error = to_public_error(_Native.InvalidInput(field=field, problem=problem))
    assert isinstance(error, InvalidInputError)
    return error


# Variants of native types are classes of their own to a type checker.
_Native: Any = native.IdCardError
_Problem: Any = native.InputProblem


def text(field: str, value: object) -> str:
    """A text that the native library can take; raises `InvalidInputError` for anything else."""
    if isinstance(value, str):
        # Half of a pair of surrogates has no UTF-8.
        try:
            if not value.isascii():
                value.encode()
        except UnicodeEncodeError:
            pass
        else:
            return value
    # Without the error of the encoder, which holds the text.
    raise invalid(field, _Problem.NOT_TEXT())


def not_a_pair() -> InvalidInputError:
    """The error of a row that is no number and name."""
    return invalid("person", _Problem.NOT_A_PAIR())


def guarded(function: Callable[[], T], what: str) -> T:
    """Calls the native library with what a program has put together. The bridge's own errors, of a
    wrong type or a text that cannot be encoded, may hold a secret or a person: those stay behind.
    """
    try:
        return translate_errors(function)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        kind = "a text cannot be encoded" if isinstance(error, UnicodeError) else str(error)
    raise refused(f"{what} cannot be used: {kind}")


def _with_our_errors(kind: Any) -> Any:
    """A class of the bridge, whose constructors raise our errors now."""

    def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return translate_errors(lambda: function(*args, **kwargs))
            except (TypeError, ValueError) as error:
                # Without the error of the bridge, which holds the text.
                is_text = isinstance(error, UnicodeError)
            why = "a text cannot be encoded" if is_text else "a part is missing or is not text"
            raise to_public_error(_Native.Credentials(detail=why))

        return call

    kind.__init__ = wrapped(kind.__init__)
    for name, value in members(kind).items():
        if type(value).__name__ == "classmethod" and not name.startswith("_"):
            setattr(kind, name, classmethod(wrapped(value.__func__)))
    return kind


Credentials = _with_our_errors(native.Credentials)
