"""Where the version stands. A new place is one line of PLACES."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MARK = "@VERSION@"
"""Stands in a pattern where the version is."""

_VERSION = r"(?P<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?)"
ANY = 0
"""As often as it is there, but at least once."""


@dataclass(frozen=True)
class Found:
    """A version in a text."""

    version: str
    start: int
    end: int

    def line(self, text: str) -> int:
        """The line on which it stands, the first being 1."""
        return text.count("\n", 0, self.start) + 1


def versions(pattern: str, text: str) -> Iterator[Found]:
    """Each version that a pattern finds in a text."""
    for found in re.finditer(pattern.replace(MARK, _VERSION), text):
        yield Found(found["version"], *found.span("version"))


@dataclass(frozen=True)
class Place:
    """A file, a pattern that finds the version in it, and how often it does."""

    file: str
    pattern: str
    times: int = 1

    def found(self, text: str) -> list[Found]:
        """Each version of this place in the text of its file."""
        return list(versions(self.pattern, text))

    def is_there(self, found: list[Found]) -> bool:
        """Whether the version stands there as often as it should."""
        return len(found) == self.times if self.times != ANY else bool(found)

    def written(self, text: str, version: str) -> str:
        """The text with another version in this place."""
        for found in reversed(self.found(text)):
            text = text[: found.start] + version + text[found.end :]
        return text


# How a build file asks for a package of ours.
GRADLE = rf'\bio\.github\.idcardverification:[\w.-]+(?::|"\s*,\s*version\s*=\s*"){MARK}'
MAVEN = (
    r"<groupId>io\.github\.idcardverification</groupId>\s*"
    rf"<artifactId>[\w.-]+</artifactId>\s*<version>{MARK}</version>"
)
PIP = rf"\bidcard[-_.]verification(?:[-_.]\w+)*(?:\[[\w, -]*\])?\s*(?:[=~<>!]=|===|@)\s*{MARK}"
CARGO = rf'\bidcard-[a-z-]+\s*=\s*(?:\{{[^}}\n]*\bversion\s*=\s*)?"[=^~]?{MARK}"'
SWIFT = rf'\.package\([^()]*(?i:idcard)[^()]*"{MARK}"'
DOWNLOAD = rf"(?i:idcard)[\w./-]*/releases/download/v{MARK}/"

DEPENDENCIES = {
    "Gradle": GRADLE,
    "Maven": MAVEN,
    "pip": PIP,
    "Cargo": CARGO,
    "SwiftPM": SWIFT,
    "download": DOWNLOAD,
}
"""Whatever these find in a file is a place, and must be listed."""

SOURCE = Place("Cargo.toml", rf'(?m)^\[workspace\.package\]\nversion = "{MARK}"$')
"""The place that the others are compared with."""

# A Package.swift that takes a released framework would be Place("…/Package.swift", DOWNLOAD).
PLACES = [
    SOURCE,
    Place("Cargo.lock", rf'name = "idcard-[a-z-]+"\nversion = "{MARK}"\n(?!source)', ANY),
    Place("bindings/kotlin/README.md", GRADLE, 3),
    Place("bindings/kotlin/android/README.md", GRADLE, 2),
    Place("bindings/kotlin/README.md", MAVEN),
    Place("bindings/kotlin/library/pom.xml", MAVEN),
    Place("bindings/kotlin/okhttp/pom.xml", MAVEN),
    Place("bindings/kotlin/pom.xml", MAVEN),
    Place("bindings/kotlin/tests/pom.xml", MAVEN),
    Place("bindings/kotlin/tools/pom.xml", MAVEN),
    Place("bindings/python/pyproject.toml", PIP),
    Place("tests/actions/pom.xml", MAVEN),
    Place("tests/android/consumer/pom.xml", MAVEN),
    Place("tests/android/example/pom.xml", MAVEN),
    Place("tests/android/pom.xml", MAVEN),
    Place("tests/android/shrinkers/pom.xml", MAVEN),
    Place("tests/consumers/java/pom.xml", MAVEN, 2),
    Place("tests/consumers/pom.xml", MAVEN, 2),
]
