"""Errors that an application's own transport, provider, signer and ledger raise.

With what a ledger answers, they are the native ones; type checkers cannot see through how those are
made, so they are declared here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import ClassVar

    from ._native import idcard_verification as native
    from ._native.idcard_verification import LedgerOutcome, NetworkFailure

    class TransportError(Exception):
        """Why there is no answer."""

        class Failed(Exception):
            """The request failed."""

            failure: NetworkFailure
            """What failed."""
            sent: bool
            """Whether any part of the request may have left."""

            def __init__(self, failure: NetworkFailure, sent: bool) -> None: ...

    class ProviderError(Exception):
        """Why a provider has no keys."""

        class Unavailable(Exception):
            """There are none for now."""

            reason: str
            """Why; it becomes part of the call's error."""

            def __init__(self, reason: str) -> None: ...

    class SignerError(Exception):
        """Why there is no signature."""

        class Unavailable(Exception):
            """There is none for now."""

            reason: str
            """Why; it becomes part of the call's error."""

            def __init__(self, reason: str) -> None: ...

    class LedgerError(Exception):
        """Why the ledger could not do it."""

        class Unavailable(Exception):
            """It cannot be asked for now, or cannot keep anything."""

            reason: str
            """Why; it becomes part of the call's error."""

            def __init__(self, reason: str) -> None: ...

        class NotTheOwner(Exception):
            """The claim is not the caller's."""

            def __init__(self) -> None: ...

    class ClaimState(native.ClaimState):
        """How it stands with a claim."""

        MINE: ClassVar[type[_Mine]]  # type: ignore[assignment]
        """The caller's: its request may leave."""
        OPEN: ClassVar[type[_Open]]  # type: ignore[assignment]
        """Somebody's, and not settled: its charge is unknown. Nothing may be sent."""
        SETTLED: ClassVar[type[_Settled]]  # type: ignore[assignment]
        """An earlier call was charged, and its `outcome` came of it. Nothing needs to be sent."""

    class _Mine(ClaimState):
        def __init__(self) -> None: ...

    class _Open(ClaimState):
        def __init__(self) -> None: ...

    class _Settled(ClaimState):
        outcome: LedgerOutcome

        def __init__(self, outcome: LedgerOutcome) -> None: ...

else:
    from ._native.idcard_verification import (
        ClaimState,
        LedgerError,
        ProviderError,
        SignerError,
        TransportError,
    )

__all__ = ["ClaimState", "LedgerError", "ProviderError", "SignerError", "TransportError"]
