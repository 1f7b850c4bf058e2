"""The day of the version in the core: no birth date is refused by a clock that stands before it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

FILE = "core/src/id_number.rs"
_STAMP = re.compile(r"(?m)^(const RELEASED: u64 = )([\d_]+);$")


def day(text: str) -> str | None:
    """The day that the code has; None if it has none."""
    found = _STAMP.search(text)
    if found is None:
        return None
    return datetime.fromtimestamp(int(found[2].replace("_", "")), UTC).date().isoformat()


def written(text: str, new: str) -> str:
    """The code with another day. The day never goes back."""
    old = day(text)
    if old is None:
        raise ValueError(f"{FILE} has no RELEASED")
    if old >= new:
        return text
    seconds = int(datetime.fromisoformat(new).replace(tzinfo=UTC).timestamp())
    return _STAMP.sub(rf"\g<1>{seconds:_};", text)
