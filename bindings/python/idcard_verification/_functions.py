"""Functions that ask nobody."""

from __future__ import annotations

from ._bridge import native
from ._errors import calling
from ._errors import text as _text


def check_id_number(id_number: str) -> None:
    """Check length, digits, birth date and check digit; raises `InvalidInputError`."""
    given = _text("id_number", id_number)
    calling(lambda: native.check_id_number(given))


def check_name(name: str) -> None:
    """Check length and characters; raises `InvalidInputError`."""
    given = _text("name", name)
    calling(lambda: native.check_name(given))


def sign_digest(
    credentials: native.Credentials, request: native.SigningRequest
) -> native.RemoteSignature:
    """Sign what a device asks for: the half of a remote signer that your own server runs.

    It signs requests of this library to the service alone, and only for the present; who may ask,
    and how often, is for the server to decide before. Raises `ConfigurationError`.
    """
    return calling(lambda: native.sign_digest(credentials, request))
