"""The platforms of `platforms.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
NAME = "idcard_verification_ffi"


@dataclass(frozen=True)
class Platform:
    """One platform, and what its library is called there."""

    name: str
    kind: str
    triple: str
    machine: str
    minimum: str
    sdk: str = ""
    folder: str = ""
    wheel: str = ""

    @property
    def is_phone(self) -> bool:
        """Whether the app hands in its HTTP stack: the library has none, and std no backtraces."""
        return self.kind in {"android", "apple"}

    @property
    def library(self) -> str:
        """The file name of the library."""
        return {
            "apple": f"lib{NAME}.dylib",
            "macos": f"lib{NAME}.dylib",
            "windows": f"{NAME}.dll",
        }.get(self.kind, f"lib{NAME}.so")


def platforms() -> dict[str, Platform]:
    """All platforms, by name."""
    table = tomllib.loads((HERE / "platforms.toml").read_text(encoding="utf-8"))
    return {name: Platform(name=name, **row) for name, row in table.items()}
