"""How large the libraries of phones are, and what makes them so."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import lief


def by_crate(library: Path) -> Counter[str]:
    """The bytes of code of each crate, in a library that has its symbols."""
    elf = lief.ELF.parse(library)
    found: Counter[str] = Counter()
    if elf is not None:
        for symbol in elf.symtab_symbols:
            if symbol.type == lief.ELF.Symbol.TYPE.FUNC and symbol.size:
                found[crate(str(symbol.name))] += int(symbol.size)
    return found


def crate(symbol: str) -> str:
    """The crate that a mangled name belongs to."""
    if re.match(r"(?:ffi|uniffi)_idcard_verification_", symbol):
        return "exports of UniFFI"
    if symbol.startswith("_R"):
        # `C`, a disambiguator and the length, before the name of the crate.
        for part_of_path in re.finditer(r"C(?:s[0-9A-Za-z]*_)?(\d+)_?", symbol):
            end = part_of_path.end()
            name = symbol[end : end + int(part_of_path[1])]
            if re.fullmatch(r"[a-z]\w*", name):
                return name
    if symbol.startswith("_ZN"):
        # The length, before each part of the path; of `<T as Trait>` the crate of T.
        found = re.match(r"_ZN(\d+)", symbol)
        if found:
            part = symbol[found.end() : found.end() + int(found[1])]
            of_type = re.match(
                r"_?\$LT\$(?:\$RF\$|mut\$u20\$|dyn\$u20\$|\$BP\$)*([a-z]\w*)\.\.", part
            )
            if of_type:
                return of_type[1]
            return "generic" if part.startswith("_$LT$") else part
    return "C"
