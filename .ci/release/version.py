"""Semantic versions, and which of their numbers a change demands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

# No build metadata: package indexes do not take it.
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?"
)
BUMPS = ("patch", "minor", "major")
"""From the smallest to the largest."""


@total_ordering
@dataclass(frozen=True)
class Version:
    """A version, in the order of precedence."""

    numbers: tuple[int, int, int]
    pre: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Version:
        """The version that a text is. ValueError if it is none."""
        found = _SEMVER.fullmatch(text)
        if found is None:
            raise ValueError(f"`{text}` is not a version such as 1.2.3 or 1.2.3-rc.1")
        major, minor, patch, pre = found.groups()
        return cls((int(major), int(minor), int(patch)), tuple(pre.split(".")) if pre else ())

    def __str__(self) -> str:
        """As it is written."""
        numbers = ".".join(map(str, self.numbers))
        return f"{numbers}-{'.'.join(self.pre)}" if self.pre else numbers

    def __lt__(self, other: Version) -> bool:
        """Whether it comes before another."""
        return self._key() < other._key()

    def _key(self) -> tuple[object, ...]:
        parts = tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in self.pre)
        return (self.numbers, not self.pre, parts)

    def least(self, bump: str) -> Version:
        """The least version after this one that has a bump.

        Before 1.0.0 a major bump is the second number, as Cargo and the others read it.
        """
        major, minor, patch = self.numbers
        if bump == "major" and major > 0:
            return Version((major + 1, 0, 0))
        if bump in ("major", "minor"):
            return Version((major, minor + 1, 0))
        return Version((major, minor, patch + 1))

    def admits(self, bump: str, new: Version) -> bool:
        """Whether a version is bump enough after this one: 2.0.0-rc.1 is major after 1.4."""
        return new.numbers >= self.least(bump).numbers
