"""Verify a Chinese identity-card number against a name through Tencent Cloud FaceID.

Every outcome says what it cost, and nothing that may have been charged is sent again::

    from idcard_verification import Client, Site, Verdict

    with Client.from_env(Site.INTERNATIONAL) as client:
        answer = client.verify("440305199505132561", "Liu Yang")
        match answer.verdict:
            case Verdict.MATCH:
                print("the same person")
            case Verdict.MISMATCH:
                print("not the same person")
            case Verdict.INCONCLUSIVE:
                print("no answer:", answer.result.meaning())

`AsyncClient` is the same for asyncio; `idcard_verification.testing` has a sandbox for tests.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from . import _types

if TYPE_CHECKING:
    from ._auth import Auth as Auth
    from ._callbacks import ClaimState as ClaimState
    from ._callbacks import LedgerError as LedgerError
    from ._callbacks import ProviderError as ProviderError
    from ._callbacks import SignerError as SignerError
    from ._callbacks import TransportError as TransportError
    from ._client import AsyncClient as AsyncClient
    from ._client import Client as Client
    from ._errors import CallCancelledError as CallCancelledError
    from ._errors import ClosedError as ClosedError
    from ._errors import ConfigurationError as ConfigurationError
    from ._errors import CredentialsError as CredentialsError
    from ._errors import IdCardError as IdCardError
    from ._errors import InvalidInputError as InvalidInputError
    from ._errors import NetworkError as NetworkError
    from ._errors import NotClaimedError as NotClaimedError
    from ._errors import PanicError as PanicError
    from ._errors import ServiceError as ServiceError
    from ._errors import UnreadableAnswerError as UnreadableAnswerError
    from ._functions import check_id_number as check_id_number
    from ._functions import check_name as check_name
    from ._functions import expected_check_digit as expected_check_digit
    from ._functions import normalize_id_number as normalize_id_number
    from ._functions import normalize_name as normalize_name
    from ._functions import sign_digest as sign_digest
    from ._many import AsyncOutcomes as AsyncOutcomes
    from ._many import Outcome as Outcome
    from ._many import Outcomes as Outcomes
    from ._native.idcard_verification import AnswerOrigin as AnswerOrigin
    from ._native.idcard_verification import AnswerProblem as AnswerProblem
    from ._native.idcard_verification import CallProgress as CallProgress
    from ._native.idcard_verification import CancelHandle as CancelHandle
    from ._native.idcard_verification import Charge as Charge
    from ._native.idcard_verification import ClientStats as ClientStats
    from ._native.idcard_verification import Credentials as Credentials
    from ._native.idcard_verification import CredentialsProvider as CredentialsProvider
    from ._native.idcard_verification import EncryptionAlgorithm as EncryptionAlgorithm
    from ._native.idcard_verification import FieldEncryption as FieldEncryption
    from ._native.idcard_verification import HttpHeader as HttpHeader
    from ._native.idcard_verification import HttpRequest as HttpRequest
    from ._native.idcard_verification import HttpResponse as HttpResponse
    from ._native.idcard_verification import InputProblem as InputProblem
    from ._native.idcard_verification import InputProblemKind as InputProblemKind
    from ._native.idcard_verification import LatencyBucket as LatencyBucket
    from ._native.idcard_verification import Ledger as Ledger
    from ._native.idcard_verification import LedgerClaim as LedgerClaim
    from ._native.idcard_verification import LedgerConfig as LedgerConfig
    from ._native.idcard_verification import LedgerOutcome as LedgerOutcome
    from ._native.idcard_verification import LedgerProblem as LedgerProblem
    from ._native.idcard_verification import MemoryLedger as MemoryLedger
    from ._native.idcard_verification import NetworkFailure as NetworkFailure
    from ._native.idcard_verification import NormalizationChange as NormalizationChange
    from ._native.idcard_verification import NormalizedText as NormalizedText
    from ._native.idcard_verification import PrivateUse as PrivateUse
    from ._native.idcard_verification import RemoteSignature as RemoteSignature
    from ._native.idcard_verification import RemoteSigner as RemoteSigner
    from ._native.idcard_verification import Retry as Retry
    from ._native.idcard_verification import RetryPolicy as RetryPolicy
    from ._native.idcard_verification import SigningRequest as SigningRequest
    from ._native.idcard_verification import TkeOidc as TkeOidc
    from ._native.idcard_verification import Transport as Transport
    from ._native.idcard_verification import Verdict as Verdict
    from ._types import *  # noqa: F403

# Names of our own modules; every other public name is the native module's. They are imported when
# they are first used, so that importing the package costs a script next to nothing.
_HOMES = {
    "Auth": "_auth",
    "AsyncClient": "_client",
    "Client": "_client",
    "CallCancelledError": "_errors",
    "ClosedError": "_errors",
    "ConfigurationError": "_errors",
    "Credentials": "_errors",
    "CredentialsError": "_errors",
    "IdCardError": "_errors",
    "InvalidInputError": "_errors",
    "NetworkError": "_errors",
    "NotClaimedError": "_errors",
    "PanicError": "_errors",
    "ServiceError": "_errors",
    "UnreadableAnswerError": "_errors",
    "check_id_number": "_functions",
    "check_name": "_functions",
    "expected_check_digit": "_functions",
    "normalize_id_number": "_functions",
    "normalize_name": "_functions",
    "sign_digest": "_functions",
    "AsyncOutcomes": "_many",
    "Outcome": "_many",
    "Outcomes": "_many",
    "ClaimState": "_callbacks",
    "LedgerError": "_callbacks",
    "TransportError": "_callbacks",
    "SignerError": "_callbacks",
    "ProviderError": "_callbacks",
}

__all__ = [
    "AnswerOrigin",
    "AnswerProblem",
    "AsyncClient",
    "AsyncOutcomes",
    "Auth",
    "CallCancelledError",
    "CallProgress",
    "CancelHandle",
    "Charge",
    "ClaimState",
    "Client",
    "ClientStats",
    "ClosedError",
    "ConfigurationError",
    "Credentials",
    "CredentialsError",
    "CredentialsProvider",
    "EncryptionAlgorithm",
    "FieldEncryption",
    "HttpHeader",
    "HttpRequest",
    "HttpResponse",
    "IdCardError",
    "InputProblem",
    "InputProblemKind",
    "InvalidInputError",
    "LatencyBucket",
    "Ledger",
    "LedgerClaim",
    "LedgerConfig",
    "LedgerError",
    "LedgerOutcome",
    "LedgerProblem",
    "MemoryLedger",
    "NetworkError",
    "NetworkFailure",
    "NormalizationChange",
    "NormalizedText",
    "NotClaimedError",
    "Outcome",
    "Outcomes",
    "PanicError",
    "PrivateUse",
    "ProviderError",
    "RemoteSignature",
    "RemoteSigner",
    "Retry",
    "RetryPolicy",
    "ServiceError",
    "SignerError",
    "SigningRequest",
    "TkeOidc",
    "Transport",
    "TransportError",
    "UnreadableAnswerError",
    "Verdict",
    "check_id_number",
    "check_name",
    "expected_check_digit",
    "normalize_id_number",
    "normalize_name",
    "sign_digest",
]
__all__ += _types.__all__


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # Where the native library is made safe before anybody has an object of it.
        native = importlib.import_module("._bridge", __name__).native
        value: object = getattr(native, name)
        globals()[name] = value
        return value
    value = getattr(importlib.import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
