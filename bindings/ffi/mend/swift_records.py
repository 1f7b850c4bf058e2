"""Records of the generated Swift that hold themselves."""

from __future__ import annotations

import re

from passages import RARELY, Mend, Rewriting

_STRUCT = re.compile(r"\npublic struct (\w+): .*\{\n(?:.*\n)*?\}\n")
_FIELD = re.compile(r"    public let (\w+): (\w+)(\??)\n")


def _reached(fields: dict[str, list[tuple[str, str, str]]], start: str) -> set[str]:
    found: set[str] = set()
    still = [start]
    while still:
        for _, held, _ in fields.get(still.pop(), []):
            if held in fields and held not in found:
                found.add(held)
                still.append(held)
    return found


def _with_lists(text: str) -> tuple[str, int]:
    """Each optional member on a circle is kept in a list of one, which has a place of its own."""
    fields = {found[1]: _FIELD.findall(found[0]) for found in _STRUCT.finditer(text)}
    count = 0

    def mended(found: re.Match[str]) -> str:
        nonlocal count
        struct, name = found[0], found[1]
        for field, held, optional in fields[name]:
            if not optional or (held != name and name not in _reached(fields, held)):
                continue
            count += 1
            kept = f"kept{field[0].upper()}{field[1:]}"
            struct = struct.replace(
                f"    public let {field}: {held}?\n",
                f"    public var {field}: {held}? {{ {kept}.first }}\n    private let {kept}: [{held}]\n",
            ).replace(f"        self.{field} = {field}\n", f"        self.{kept} = {field}.map {{ [$0] }} ?? []\n")
        return struct

    return _STRUCT.sub(mended, text), count


RECORDS = Mend(
    "A struct cannot hold itself, not even by an option.",
    Rewriting("a struct that holds itself", _with_lists, times=RARELY),
)
