"""Documentation in the words of the language that shows it: it is written in Rust."""

from __future__ import annotations

import re

from passages import Mend, Rewriting

# Plain values that documentation names without their type.
_VALUES = {"Charged", "NotCharged", "Unknown", "Never"}
# Enumerations whose values hold something: Kotlin writes those as classes.
_CLASSES = {"Auth", "ClaimState", "IdCardError", "Error", "InputProblem"}


def _screaming(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _value(name: str, language: str) -> str:
    return f".{name[0].lower()}{name[1:]}" if language == "swift" else _screaming(name)


def _path(owner: str, name: str, language: str) -> str:
    if not name[0].isupper():
        return f"{owner}.{name if language == 'python' else _camel(name)}"
    if language == "kotlin" and owner in _CLASSES:
        return f"{owner}.{name}"
    return f"{owner}{_value(name, language)}" if language == "swift" else f"{owner}.{_screaming(name)}"


def told(text: str, language: str) -> str:
    """A text of documentation in the words of a language."""
    # Values of the wire are what they are.
    return "".join(
        line if "Known values:" in line else _told(line, language) for line in text.splitlines(keepends=True)
    )


def _told(text: str, language: str) -> str:
    text = re.sub(r"\[(`[^`\]]+`)\](?:\([^)]*\))?", r"\1", text)
    text = re.sub(r"`(?:crate::)?(\w+)::(\w+)`", lambda m: f"`{_path(m[1], m[2], language)}`", text)
    text = re.sub(r"`(\w+)`", lambda m: f"`{_value(m[1], language)}`" if m[1] in _VALUES else m[0], text)
    if language != "python":
        text = re.sub(r"`([a-z]+(?:_[a-z0-9]+)+)`", lambda m: f"`{_camel(m[1])}`", text)
    return text


def words(language: str) -> Mend:
    """The mend of everything that documents something."""
    comments = r'"""(?:(?!""")[\s\S])*"""' if language == "python" else r"/\*\*(?:[^*]|\*(?!/))*\*/"

    def rewritten(text: str) -> tuple[str, int]:
        return re.subn(comments, lambda found: told(found[0], language), text)

    return Mend(
        "Whoever reads documentation writes in the language that it is shown in.",
        Rewriting("documentation", rewritten),
    )
