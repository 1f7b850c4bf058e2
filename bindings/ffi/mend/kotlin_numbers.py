"""Signed, plain numbers in the generated Kotlin.

Unsigned ones have names that Java cannot write, and no Kotlin library asks for them.
"""

from __future__ import annotations

import re

from passages import Mend, Passage, Pattern

_SIGNED = {"UByte": "Int", "UShort": "Int", "UInt": "Int", "ULong": "Long"}

_LIFT = {
    "UByte": "value.toInt() and 0xFF",
    "UShort": "value.toInt() and 0xFFFF",
    # What counts stops at the largest there is.
    "UInt": "if (value < 0) Int.MAX_VALUE else value",
    "ULong": "value",
}
_LOWER = {
    "UByte": "(if (value in 0..0xFF) value else 0xFF).toByte()",
    "UShort": "(if (value in 0..0xFFFF) value else 0xFFFF).toShort()",
    "UInt": "if (value < 0) -1 else value",
    "ULong": 'value.also { require(it >= 0) { "a number is below 0" } }',
}


def _converter(found: re.Match[str]) -> str:
    unsigned, wire, size = found.groups()
    kind = _SIGNED[unsigned]
    read = {"Byte": "get()"}.get(wire, f"get{wire}()")
    write = {"Byte": "put"}.get(wire, f"put{wire}")
    also = f"    fun lift(value: Int): Int = lift(value.to{wire}())\n\n" if wire in ("Byte", "Short") else ""
    return (
        f"public object FfiConverter{unsigned}: FfiConverter<{kind}, {wire}> {{\n"
        f"    override fun lift(value: {wire}): {kind} = {_LIFT[unsigned]}\n\n"
        f"{also}"
        f"    override fun read(buf: ByteBuffer): {kind} = lift(buf.{read})\n\n"
        f"    override fun lower(value: {kind}): {wire} = {_LOWER[unsigned]}\n\n"
        f"    override fun allocationSize(value: {kind}) = {size}\n\n"
        f"    override fun write(value: {kind}, buf: ByteBuffer) {{\n"
        f"        buf.{write}(lower(value))\n"
        f"    }}\n"
        f"}}\n"
    )


NUMBERS = Mend(
    "Kotlin and Java count with Int and Long. A number below 0 is the library's to refuse, as a "
    "Configuration error: it arrives as the largest there is. Where no setting is meant, it is an "
    "IllegalArgumentException before anything is sent.",
    Pattern(
        r"public object FfiConverter(U\w+): FfiConverter<\1, (\w+)> \{\n(?:.*\n)*?"
        r"    override fun allocationSize\(value: \1\) = (\dUL)\n(?:.*\n)*?\}\n",
        _converter,
    ),
    Pattern(r"kotlin\.U(?:Int|Short|Byte)\b", "kotlin.Int"),
)

LONGS = Mend(
    "The same of 64 bits.",
    Passage("kotlin.ULong", "kotlin.Long", times=0),
)

LITERALS = Mend(
    "Defaults are signed too.",
    Pattern(r"(: kotlin\.Int = \d+)u\b", r"\1"),
)
