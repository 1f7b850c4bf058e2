"""Functions that ask nobody."""

from __future__ import annotations

from ._errors import calling
from ._native import idcard_verification as native


def check_id_number(id_number: str) -> None:
    """Check length, digits, birth date and check digit; raises `InvalidInput`."""
    calling(lambda: native.check_id_number(id_number))


def check_name(name: str) -> None:
    """Check length and characters; raises `InvalidInput`."""
    calling(lambda: native.check_name(name))


def sign_digest(
    credentials: native.Credentials, request: native.SigningRequest
) -> native.RemoteSignature:
    """Sign what a device asks for: the half of a remote signer that your own server runs.

    It signs requests of this library to the service alone, and only for the present; who may ask,
    and how often, is for the server to decide before. Raises `ConfigurationError`.
    """
    return calling(lambda: native.sign_digest(credentials, request))
