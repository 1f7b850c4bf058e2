#!/usr/bin/env python3
"""Mends what UniFFI's generated Kotlin and Swift do at the edges of a language.

    python3 bindings/mend kotlin|swift FILE...

A mend replaces passages that must be there as often as it says, so that a new version of UniFFI that
writes them otherwise, or that has mended them itself, is noticed and not silently missed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import kotlin
import swift


def main() -> None:
    name, *files = sys.argv[1:]
    language = {"kotlin": kotlin, "swift": swift}[name]
    for file in map(Path, files):
        text = file.read_text("utf-8")
        # The other module is that of the tools, which only tests have.
        is_library = "class Client" in text
        mends = language.LIBRARY if is_library else [m for m in language.TOOLS if m.has_a_place(text)]
        for mend in mends:
            try:
                text = mend.mended(text)
            except ValueError as error:
                raise SystemExit(f"{file}: {error}") from None
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
