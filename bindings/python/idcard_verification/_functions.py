"""Functions that ask nobody."""

from __future__ import annotations

from ._bridge import native
from ._errors import guarded, translate_errors
from ._errors import text as _text


def check_id_number(id_number: str) -> None:
    """Check length, digits, birth date and check digit; raises `InvalidInputError`."""
    given = _text("id_number", id_number)
    translate_errors(lambda: native.check_id_number(given))


def check_name(name: str) -> None:
    """Check length and characters; raises `InvalidInputError`."""
    given = _text("name", name)
    translate_errors(lambda: native.check_name(given))


def sign_digest(
    credentials: native.Credentials, request: native.SigningRequest
) -> native.RemoteSignature:
    """Sign what a device asks for: the half of a remote signer that your own server runs.

    It signs requests of this library to the service alone, and only for the present; who may ask,
    and how often, is for the server to decide before. Raises `ConfigurationError`.
    """
    return guarded(lambda: native.sign_digest(credentials, request), "the request")


def expected_check_digit(first_17: str) -> str | None:
    """The check digit of the first 17 digits of a number; `None` if they are not 17 digits."""
    given = _text("first_17", first_17)
    return translate_errors(lambda: native.expected_check_digit(given))


def normalize_id_number(id_number: str) -> native.NormalizedText:
    """Mend what people type in a number: spaces, hyphens and invisible characters, full-width
    forms, a lowercase x or a character that looks like an X at the end, and the apostrophe,
    quotation marks or `="…"` of a spreadsheet. The result says what was mended. A number of 15
    digits, and one that was rounded, are left. Raises `InvalidInputError` for what is no text.
    """
    given = _text("id_number", id_number)
    return translate_errors(lambda: native.normalize_id_number(given))


def normalize_name(name: str) -> native.NormalizedText:
    """Mend what keyboards and copying do to a name: spaces, invisible characters, full-width forms,
    characters that look like the middle dot, the hyphen or the apostrophe, radicals and
    compatibility ideographs, decomposed letters, and the apostrophe, quotation marks or `="…"` of a
    spreadsheet. The result says what was mended, and points out private-use characters that have a
    code point of their own today. Raises `InvalidInputError` for what is no text.
    """
    given = _text("name", name)
    return translate_errors(lambda: native.normalize_name(given))
