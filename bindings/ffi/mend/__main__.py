#!/usr/bin/env python3
"""Mends what UniFFI generates at the edges of a language.

    python3 bindings/ffi/mend kotlin|swift FILE...
    python3 bindings/ffi/mend python KOTLIN FILE...

The generated Python has no documentation of fields; it is taken from the Kotlin in a folder. A mend
replaces passages that must be there as often as it says, so that a new version of UniFFI that writes
them otherwise, or that has mended them itself, is noticed and not silently missed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import docs
import kotlin
import kotlin_records
import python
import swift
from passages import Mend


def mends_of(language: str, text: str, documented: str) -> list[Mend]:
    """The mends of a file. A module without a client is that of the tools."""
    if language == "python":
        library, tools = python.library(kotlin_records.documentation(documented)), []
    else:
        module = {"kotlin": kotlin, "swift": swift}[language]
        library, tools = module.LIBRARY, module.TOOLS
    mends = library if "class Client" in text else [mend for mend in tools if mend.has_a_place(text)]
    return [*mends, docs.words(language)]


def main() -> None:
    language, *files = sys.argv[1:]
    kotlin_files = sorted(Path(files.pop(0)).rglob("*.kt")) if language == "python" else []
    documented = "".join(file.read_text("utf-8") for file in kotlin_files)
    for file in map(Path, files):
        text = file.read_text("utf-8")
        for mend in mends_of(language, text, documented):
            try:
                text = mend.mended(text)
            except ValueError as error:
                raise SystemExit(f"{file}: {error}") from None
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
