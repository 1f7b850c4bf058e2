"""Checks that ask nobody."""

from __future__ import annotations

from ._errors import calling
from ._native import idcard_verification as native


def check_id_number(id_number: str) -> None:
    """Check length, digits, birth date and check digit; raises `InvalidInput`."""
    calling(lambda: native.check_id_number(id_number))


def check_name(name: str) -> None:
    """Check length and characters; raises `InvalidInput`."""
    calling(lambda: native.check_name(name))
