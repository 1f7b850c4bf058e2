"""The change log: what has not been released yet, and the newest release."""

from __future__ import annotations

import re
from dataclasses import dataclass

FILE = "CHANGELOG.md"
_UNRELEASED = re.compile(r"^## Unreleased\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_RELEASE = re.compile(r"^## (?P<version>\d\S*) - (?P<day>\d{4}-\d{2}-\d{2})$", re.MULTILINE)


@dataclass(frozen=True)
class Release:
    """A release and its day."""

    version: str
    day: str


def newest(text: str) -> Release | None:
    """The newest release, which stands first."""
    found = _RELEASE.search(text)
    return Release(found["version"], found["day"]) if found else None


def released(text: str, version: str, day: str) -> str:
    """The log with what is unreleased as a release. ValueError if there is nothing to release."""
    found = _UNRELEASED.search(text)
    if found is None:
        raise ValueError(f"{FILE} has no section `## Unreleased`")
    if not re.search(r"^[-*] \S", found["body"], re.MULTILINE):
        raise ValueError(f"{FILE} has nothing under `## Unreleased`")
    head = f"## Unreleased\n\n## {version} - {day}\n"
    return text[: found.start()] + head + text[found.start("body") :]
