"""The repository: its files, its tags and what its spec demands."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

# One version for all: what is major for the foreign packages is major.
_BUMPS = {"patch": "patch", "minor": "minor", "major-foreign": "major", "major": "major"}
# From 10 on it is the class of the gravest change, which is no failure.
_DIFFERENT = (0, 10, 20, 30)
_SPEC = [
    "cargo",
    "run",
    "--quiet",
    "--locked",
    "--package",
    "idcard-spec",
    "--features",
    "cli",
    "--",
]


@dataclass(frozen=True)
class Repository:
    """A clone."""

    root: Path

    def git(self, *arguments: str) -> str:
        """What git prints."""
        return subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        ).stdout

    def tracked(self) -> list[str]:
        """Every file under git."""
        return [name for name in self.git("ls-files", "-z").split("\0") if name]

    def text(self, file: str) -> str | None:
        """A file's text; None if it is not there or holds no text."""
        try:
            return (self.root / file).read_bytes().decode("utf-8")
        except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
            return None

    def write(self, file: str, text: str) -> None:
        """Write a file, with the ends of lines that the text has."""
        (self.root / file).write_bytes(text.encode("utf-8"))

    def changed(self) -> list[str]:
        """What is not committed."""
        return self.git("status", "--porcelain").splitlines()

    def last_tag(self) -> str | None:
        """The tag of the last release."""
        try:
            return self.git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*").strip()
        except subprocess.CalledProcessError:
            return None

    def spec_changes(self, tag: str) -> list[dict[str, str]]:
        """What `idcard-spec diff` tells of the changes since a tag."""
        ran = subprocess.run(
            [*_SPEC, "diff", tag, "--json"],
            cwd=self.root,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        if ran.returncode not in _DIFFERENT:
            raise ValueError(f"the spec cannot be compared with {tag}")
        changes: list[dict[str, str]] = json.loads(ran.stdout)
        return changes


def demanded(changes: list[dict[str, str]]) -> tuple[str, list[str]]:
    """The largest bump that changes of the spec demand, and those that demand it."""
    reasons: dict[str, list[str]] = {"major": [], "minor": [], "patch": []}
    for change in changes:
        reasons[_BUMPS[change["bump"]]].append(f"{change['id']} {change['place']}")
    return next(((bump, why) for bump, why in reasons.items() if why), ("patch", []))
