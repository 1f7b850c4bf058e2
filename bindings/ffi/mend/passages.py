"""What a mend is made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

ANY = 0
"""As often as it is there, but at least once."""
RARELY = -1
"""As often as it is there, which depends on the spec."""


@dataclass(frozen=True)
class Passage:
    """A text, what is written instead, and how often it must be there."""

    old: str
    new: str
    times: int = 1

    def mended(self, text: str) -> tuple[str, int]:
        """The text with this passage mended, and how often it was there."""
        return text.replace(self.old, self.new), text.count(self.old)


@dataclass(frozen=True)
class Pattern:
    """The same of a regular expression."""

    old: str
    new: str | Callable[[re.Match[str]], str]
    times: int = ANY

    def mended(self, text: str) -> tuple[str, int]:
        """The text with this pattern mended, and how often it was there."""
        return re.subn(self.old, self.new, text)


@dataclass(frozen=True)
class Rewriting:
    """What takes more than a pattern: it gives back the text and how much of it was mended."""

    old: str
    mended: Callable[[str], tuple[str, int]]
    times: int = ANY


@dataclass(frozen=True)
class Mend:
    """Why something is mended, and where."""

    why: str
    passages: tuple[Passage | Pattern | Rewriting, ...]

    def __init__(self, why: str, *passages: Passage | Pattern | Rewriting) -> None:
        object.__setattr__(self, "why", why)
        object.__setattr__(self, "passages", passages)

    def mended(self, text: str) -> str:
        """The mended text; `ValueError` when a passage is not there as often as it should be."""
        for passage in self.passages:
            text, count = passage.mended(text)
            if passage.times != RARELY and (count == 0 or passage.times not in (ANY, count)):
                expected = "any" if passage.times == ANY else passage.times
                raise ValueError(f"{count} passages to mend, not {expected}: {self.why}\n{passage.old}")
        return text

    def has_a_place(self, text: str) -> bool:
        """Whether there is anything to mend."""
        return any(passage.mended(text)[1] for passage in self.passages)
