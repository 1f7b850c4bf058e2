"""The mends of the generated Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from passages import Mend, Pattern

Docs = Mapping[str, Mapping[str, str]]
"""Documentation of the fields of each record, which the generator leaves out of Python."""


def _parameters(text: str) -> list[tuple[str, str, str | None]]:
    """Names, types and defaults of a list of parameters."""
    parsed = ast.parse(f"def f({text}): pass").body[0]
    assert isinstance(parsed, ast.FunctionDef)
    positional, keyword = parsed.args.args[1:], parsed.args.kwonlyargs
    missing: list[ast.expr | None] = [None] * (len(positional) - len(parsed.args.defaults))
    defaults = [*missing, *parsed.args.defaults, *parsed.args.kw_defaults]
    found = []
    for argument, default in zip([*positional, *keyword], defaults, strict=True):
        assert argument.annotation is not None
        value = None if default is None else ast.unparse(default)
        # A value of its own stands for what cannot be shared between calls; nothing here is.
        found.append((argument.arg, ast.unparse(argument.annotation), "None" if value == "_DEFAULT" else value))
    return found


def _literal(text: str) -> str:
    """A text as a literal, whatever is in it."""
    is_plain = "\\" not in text and '"""' not in text and not text.endswith('"')
    return f'"""{text}"""' if is_plain else repr(text)


def _fields(parameters: str, docs: Mapping[str, str], indent: str) -> str:
    lines, lists = [], []
    for name, kind, default in _parameters(parameters):
        if "typing.List[" in kind:
            lists.append(name)
            kind = kind.replace("typing.List[", "typing.Sequence[")
        lines.append(f"{indent}{name}: {kind}" + (f" = {default}" if default is not None else ""))
        if text := docs.get(name):
            lines.append(f"{indent}{_literal(text)}")
    if lists:
        # Whoever hands over a list may go on to change it, and a list has no hash.
        lines.append(f"\n{indent}def __post_init__(self):")
        for name in lists:
            lines.append(f"{indent}    if isinstance(self.{name}, list):")
            lines.append(f'{indent}        object.__setattr__(self, "{name}", tuple(self.{name}))')
    return "".join(f"{line}\n" for line in lines)


_OWN = r"    def __str__\(self\):\n        return \"\w+\(.*\n"


def _record(docs: Docs) -> Pattern:
    def mended(found: re.Match[str]) -> str:
        name, text, parameters, methods = found.groups()
        methods = re.sub(_OWN, "", methods).rstrip()
        return (
            f"@dataclass(frozen=True, kw_only=True)\nclass {name}:\n{text}"
            f"{_fields(parameters, docs.get(name, {}), '    ')}"
            f"{methods}\n"
        )

    return Pattern(
        r"@dataclass\nclass (\w+):\n((?:    \"\"\"\n(?:.*\n)*?\"\"\"\n)?)"
        r"    def __init__\((self, \*, .*)\):\n(?:        .*\n)+?        \n((?:.*\n)*?)"
        r"    def __eq__\(self, other\):\n(?:        .*\n)+        return True\n",
        mended,
    )


def _variant(found: re.Match[str]) -> str:
    name, text, parameters, body, methods = found.groups()
    documented = re.findall(r"self\.(\w+) = .*\n(?:            else:\n.*\n)?\s*\n            \"\"\"\n((?:.*\n)*?)\"\"\"\n", body)
    docs = {field: " ".join(words.split()) for field, words in documented}
    methods = re.sub(r"        def __str__\(self\):\n            return \"\w+\.\w+\(.*\n", "", methods).rstrip()
    return (
        f"    @dataclass(frozen=True)\n    class {name}:\n{text}"
        f"{_fields(parameters.removesuffix(', '), docs, '        ')}"
        f"{methods}\n"
    )


def library(docs: Docs) -> list[Mend]:
    """The mends of the library, with the documentation of the fields of its records."""
    return [
        Mend(
            "Records are dataclasses with fields, that can be compared, hashed, replaced and shown, and "
            "that nobody changes after they were made.",
            _record(docs),
        ),
        Mend(
            "So are the choices of an enumeration that hold something.",
            Pattern(
                r"    @dataclass\n    class (\w+):\n(        \"\"\"\n(?:.*\n)*?\"\"\"\n)        \n"
                r"        def __init__\((self, .*)\):\n((?:.*\n)*?)            pass\n((?:.*\n)*?)"
                r"        def __eq__\(self, other\):\n(?:            .*\n)+            return True\n",
                _variant,
            ),
        ),
        Mend(
            "Whoever makes an object is checked by types, too.",
            Pattern(r"    def __init__\(self, \):\n", "    def __init__(self) -> None:\n"),
        ),
        Mend(
            "One name for one thing.",
            Pattern(r"    def is_[A-Z][A-Z0-9_]*\(self\) -> bool:\n.*\n", ""),
            Pattern(r"value\.(is_[A-Z][A-Z0-9_]*)\(\)", lambda found: f"value.{found[1].lower()}()"),
        ),
    ]
