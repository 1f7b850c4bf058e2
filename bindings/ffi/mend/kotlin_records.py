"""Records of the generated Kotlin: serializable, with times of Kotlin, and with builders for Java."""

from __future__ import annotations

import re
from dataclasses import dataclass

from passages import Mend, Pattern

_FIELD = re.compile(
    r"(?P<docs>    /\*\*\n(?:     \*.*\n)+?     \*/\n)?"
    r"    val `(?P<name>\w+)`: (?P<type>[^=\n]+?)(?: = (?P<default>.+?))? *\n"
)
_JAVA_TIME = "java.time.Duration?"


@dataclass(frozen=True)
class _Field:
    name: str
    type: str
    default: str | None
    docs: str


def _fields(header: str) -> list[_Field]:
    return [
        _Field(f["name"], f["type"].strip(), f["default"] and f["default"].strip(), f["docs"] or "")
        for f in _FIELD.finditer(header)
    ]


_HEADER = re.compile(r"data class (\w+) \(\n((?:.*\n)*?.*)\n\)")


def _words(docs: str) -> str:
    return " ".join(line.strip().removeprefix("*").strip() for line in docs.splitlines()[1:-1])


def documentation(text: str) -> dict[str, dict[str, str]]:
    """What the records of a Kotlin file say of their fields, by the names of Python."""
    snake = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
    return {
        name: {snake.sub("_", f.name).lower(): _words(f.docs) for f in _fields(header) if f.docs}
        for name, header in _HEADER.findall(text)
    }


def _declared(fields: list[_Field]) -> str:
    return ", ".join(
        f"`{f.name}`: {f.type}" + (f" = {f.default}" if f.default is not None else "") for f in fields
    )


def _builder(name: str, fields: list[_Field]) -> str:
    needed = [f for f in fields if f.default is None]
    optional = [f for f in fields if f.default is not None]
    needs = ", ".join(f"private val `{f.name}`: {f.type}" for f in needed)
    parts = [
        f"    /** Makes a [{name}] step by step, for Java. */\n    class Builder({needs}) {{\n",
        *(f"        private var `{f.name}`: {f.type} = {f.default}\n" for f in optional),
    ]
    for f in optional:
        docs = re.sub(r"(?m)^", "    ", f.docs).rstrip(" ")
        parts.append(
            f"\n{docs}        fun `{f.name}`(`{f.name}`: {f.type}): Builder = "
            f"apply {{ this.`{f.name}` = `{f.name}` }}\n"
        )
    given = ", ".join(f"`{f.name}`" for f in fields)
    parts.append(f"\n        /** The finished value. */\n        fun build(): {name} = {name}({given})\n    }}\n\n")
    return "".join(parts)


def _with_kotlin_times(name: str, fields: list[_Field]) -> str:
    """A function of the class's name for each time that may come first, so that none is ambiguous."""
    times = [f for f in fields if f.type == _JAVA_TIME and f.default == "null"]
    needed = [f for f in fields if f.default is None]
    others = [f for f in fields if f.default is not None and f not in times]
    functions = []
    for index, first in enumerate(times):
        later = times[index + 1 :]
        parameters = ", ".join(
            part
            for part in (
                _declared(needed),
                f"`{first.name}`: kotlin.time.Duration",
                ", ".join(f"`{f.name}`: kotlin.time.Duration? = null" for f in later),
                _declared(others),
            )
            if part
        )
        given = [f"`{f.name}` = `{f.name}`" for f in (*needed, *others)]
        given += [f"`{f.name}` = `{f.name}`.javaTime()" for f in (first, *later)]
        functions.append(
            # Java could not write the name that this has there.
            f"/** [{name}] with times of Kotlin. */\n@JvmSynthetic\n"
            f"fun {name}({parameters}): {name} =\n    {name}({', '.join(given)})\n\n"
        )
    return "".join(functions)


def _record(found: re.Match[str]) -> str:
    docs, name, header, disposable, body = found.groups()
    fields = _fields(header)
    has_defaults = any(f.default is not None for f in fields)
    base = ": Disposable" if disposable else ": java.io.Serializable"
    builder = _builder(name, fields) if has_defaults else ""
    return (
        f"{docs}data class {name} (\n{header}\n){base} {{\n{body}"
        f"{builder}    companion object\n}}\n\n{_with_kotlin_times(name, fields)}"
    )


RECORDS = Mend(
    "A record travels where objects of Java travel, Java makes it without naming every field, and its "
    "times may be those of Kotlin.",
    Pattern(
        r"((?:/\*\*\n(?: \*.*\n)+? \*/\n)?)data class (\w+) \(\n((?:.*\n)*?.*)\n\)(: Disposable)?\{\n"
        r"((?:.*\n)*?)    companion object\n\}\n",
        _record,
    ),
)

PROBLEMS = Mend(
    "So does a choice between records, unless it holds objects of the library.",
    Pattern(r"\nsealed class (\w+) \{\n", r"\nsealed class \1 : java.io.Serializable {\n"),
)
