"""Errors that an application's own transport, provider and signer raise.

They are the native ones; type checkers cannot see through how those are made, so they are declared
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._native.idcard_verification import NetworkFailure

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

else:
    from ._native.idcard_verification import ProviderError, SignerError, TransportError

__all__ = ["ProviderError", "SignerError", "TransportError"]
