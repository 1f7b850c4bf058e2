#!/usr/bin/env python3
"""Reduces the generated Kotlin, Swift and Python to their public surface, one page per language.

`surface.py LANGUAGE FILE...` prints the page: types, members, signatures and documentation, without
bodies and without what only the generated code itself uses. `surface.py check CODES PAGE...` fails
unless each page has a name for every code of the spec, as `idcard-verify codes --json` lists them, and
for every kind of error; `surface.py exported METADATA PAGE...` unless it has each name that a library
exports by its own metadata, as `uniffi-bindgen pipeline` prints it. `surface.py words LANGUAGE FILE...`
fails when documentation has words of Rust; `surface.py ours LANGUAGE PAGE FILE...` unless the page has each
public name of sources that are written by hand.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

WIDTH = 100

# Names of the machinery between the languages.
INTERNAL = re.compile(
    r"[uU]niffi|UNIFFI|Ffi|RustBuffer|Foreign[BF]|NoHandle|Disposable|InternalE|\w+Impl\b|Integrity"
)
KOTLIN = re.compile(r"^(public |open |data |sealed |enum )*(class|interface|fun|suspend fun|val) ")
SWIFT = re.compile(r"^(public |open |indirect )+(final )?(class|struct|enum|protocol|func|extension)\b")
SWIFT_EXTENSION = re.compile(r"^extension \w+ \{")
# Of Kotlin's members, what declares something; the rest is what a function comes to.
KOTLIN_MEMBER = (
    r"(?!(\w+ )*(class|object|interface|fun|val|var|constructor)\b|companion object|[A-Z][A-Z0-9_]*[,;(]?|\w+: )"
)
KOTLIN_HIDDEN = re.compile(r"^(callWithHandle|\W*$|private|internal|override |fun toString|override (fun|val)|get\(\)|protected|init|constructor\((withHandle|noHandle|`withHandle)|@|\}|\{|//)|" + KOTLIN_MEMBER)
SWIFT_HIDDEN = re.compile(r"^(fileprivate|private|required|deinit|@|\}|\{|//(?!/)|#|self\.)")


def braces(line: str) -> int:
    code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return code.count("{") - code.count("}")


def logical_lines(text: str) -> list[str]:
    """Lines with everything between parentheses on one, comments in there left out."""
    lines: list[str] = []
    joined = ""
    depth = 0
    in_comment = False
    for line in re.sub(r"\*/[ \t]*(?=\S)", "*/\n    ", text).splitlines():
        stripped = line.strip()
        if re.match(r"/\*|\*|//", stripped) or in_comment:
            in_comment = (in_comment or stripped.startswith("/*")) and "*/" not in stripped
            if depth == 0:
                lines.append(line)
            continue
        code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
        depth += code.count("(") - code.count(")")
        joined = f"{joined} {stripped}" if joined else line.rstrip()
        if depth <= 0:
            lines.append(re.sub(r"\( +", "(", re.sub(r",? +\)", ")", re.sub(r" +,", ",", joined))))
            joined, depth = "", 0
    return lines


def chunks(lines: list[str], starts: re.Pattern[str]) -> list[list[str]]:
    """Top-level declarations with the documentation above them."""
    found: list[list[str]] = []
    docs: list[str] = []
    index = 0
    while index < len(lines):
        line = re.sub(r"^(@Throws\([^()]*\) )?(?=\w)", "", lines[index].strip())
        if starts.match(line):
            body = [line]
            depth = braces(line)
            opened = "{" in line
            while index + 1 < len(lines) and not (opened and depth <= 0):
                following = lines[index + 1]
                if not opened and not re.match(r"\s*[:{]|\s*$|\s*get\(\)", following):
                    break
                index += 1
                body.append(following)
                depth += braces(following)
                opened = opened or "{" in following
            found.append([*docs, *body])
            docs = []
        elif re.match(r"\s*(/\*\*|\*|\*/|///)", line):
            docs.append(line)
        elif line and not line.startswith("@"):
            docs = []
            depth = braces(line)
            # What is nobody's else is passed over whole.
            while depth > 0 and index + 1 < len(lines):
                index += 1
                depth += braces(lines[index])
        index += 1
    return found


def reduced(chunk: list[str], hidden: re.Pattern[str]) -> list[str]:
    """A declaration without bodies and without hidden members."""
    kept: list[str] = []
    docs: list[str] = []
    depth = 0
    shown = 1  # how deep members are shown
    for line in chunk:
        text = re.sub(r"\s+", " ", line.strip()).replace("`", "")
        text = re.sub(r"^(@\w+(\([^()]*\))? )+(?=\w)", "", text)
        at = depth
        depth += braces(line)
        if depth < shown:
            shown = max(depth, 1)
        if re.match(r"(/\*\*|\*|///)", text):
            if at <= shown:
                docs.append(text)
            continue
        if not text:
            continue
        if at > shown or hidden.match(text) or (INTERNAL.search(text) and at > 0):
            docs = []
            continue
        if at == shown and depth > at and re.match(r"((data |sealed )?(class|object|enum|interface)|companion object)\b", text):
            shown = depth
        documented = [doc for doc in prose(docs) if doc != "@suppress"]
        docs = []
        indent = "    " * min(at, 2)
        kept += [f"{indent}/// {doc}" if doc else f"{indent}///" for doc in documented]
        kept += wrapped(indent, signature(text))
    # A companion without anything in it is machinery.
    following = [*kept[1:], ""]
    return [
        line
        for line, next_line in zip(kept, following, strict=True)
        if "companion object" not in line or next_line.startswith(" " * 8)
    ]


def signature(text: str) -> str:
    """A declaration without what it comes to."""
    text = re.sub(r"\s*[=:]\s*$| get\(\) = .*$", "", text)
    text = re.sub(r"\)(?=throws|async)", ") ", text)
    depth = 0
    for index, character in enumerate(text):
        depth += (character in "(<[") - (character in ")>]" and text[index - 1] != "-")
        if depth == 0 and (character == "{" or (text[index : index + 3] == " = " and "fun " in text)):
            return text[:index].rstrip()
    return text


def wrapped(indent: str, text: str) -> list[str]:
    """A long list of parameters, one a line."""
    begin = text.find("(")
    depth, end = 0, -1
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if begin >= 0 and index > begin and depth == 0:
            end = index
            break
    if len(indent + text) <= WIDTH or end < 0:
        return [indent + text]
    head, inside, tail = text[:begin], text[begin + 1 : end], text[end + 1 :]
    parameters = re.split(r", (?=[\w ]+:)", inside)
    return [f"{indent}{head}(", *(f"{indent}    {p}," for p in parameters), f"{indent}){tail}"]


def prose(docs: list[str]) -> list[str]:
    stripped = [re.sub(r"^(/\*\*|\*/|\*|///)\s?", "", doc).removesuffix("*/").rstrip() for doc in docs]
    while stripped and not stripped[0]:
        stripped.pop(0)
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped


def name_of(chunk: list[str], starts: re.Pattern[str]) -> str:
    line = next(line for line in chunk if starts.match(line))
    return re.split(r"\b(?:class|interface|struct|enum|protocol|func|fun|extension|val)\b", line, maxsplit=1)[1]


def braced(paths: list[str], starts: re.Pattern[str], hidden: re.Pattern[str]) -> str:
    page: list[tuple[str, list[str]]] = []
    for path in paths:
        text = re.sub(r"(?m)^public *\n(?=(?:indirect )?enum )", "public ", Path(path).read_text("utf-8"))
        for chunk in chunks(logical_lines(text), starts):
            name = name_of(chunk, starts)
            if not INTERNAL.search(name.split("{")[0].split("(")[0].split(":")[0]):
                page.append((name.strip(" `"), reduced(chunk, hidden)))
    page.sort(key=lambda entry: entry[0])
    return "\n\n".join("\n".join(lines) for _, lines in page) + "\n"


def python(paths: list[str]) -> str:
    """Generated module first, then the modules of ours."""
    page: list[str] = []
    for path in paths:
        module = ast.parse(Path(path).read_text("utf-8"))
        nodes: list[ast.stmt] = []
        for node in module.body:
            # Definitions for type checkers are part of the surface.
            nodes += node.body if isinstance(node, ast.If) else [node]
        seen: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and is_public(node.name) and node.name not in seen:
                seen.add(node.name)
                page.append("\n".join(described(node, "")))
    return "\n\n".join(page) + "\n"


def is_public(name: str) -> bool:
    return not name.startswith("_") and not INTERNAL.search(name) and not name.endswith("Protocol")


def described(node: ast.stmt, indent: str) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        signature = re.sub(r"_DefaultMissing|_DEFAULT", "...", ast.unparse(node.args))
        lines = [f"{indent}{word} {node.name}({signature}){returns}"]
        return lines + doc_lines(node, indent)
    assert isinstance(node, ast.ClassDef)
    bases = ", ".join(ast.unparse(base) for base in node.bases if "Protocol" not in ast.unparse(base))
    lines = [f"{indent}class {node.name}{f'({bases})' if bases else ''}", *doc_lines(node, indent)]
    for index, member in enumerate(node.body):
        inside = indent + "    "
        following = node.body[index + 1] if index + 1 < len(node.body) else None
        if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
            if member.name == "__init__" or is_public(member.name):
                lines += described(member, inside)
        elif isinstance(member, ast.ClassDef) and is_public(member.name):
            lines += described(member, inside)
        elif isinstance(member, ast.AnnAssign | ast.Assign):
            text = ast.unparse(member)
            if not text.startswith("_") and not INTERNAL.search(text):
                lines.append(inside + text)
                if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                    lines += [f"{inside}    {doc}" for doc in str(following.value.value).strip().splitlines()]
    return lines


def doc_lines(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, indent: str) -> list[str]:
    docs = ast.get_docstring(node)
    return [f"{indent}    {line}".rstrip() for line in docs.splitlines()] if docs else []


def folded(name: str) -> str:
    return re.sub(r"\W|_", "", name).lower()


def members_of(page: str, name: str) -> set[str]:
    """Names in the first words of the members of a type, without regard to how a language writes."""
    body = re.search(rf"^[\w ]*\b{name}\b.*\n((?:    .*\n|\n(?=    ))*)", page, re.MULTILINE)
    lines = body[1].splitlines() if body else []
    return {
        folded(found[1])
        for line in lines
        if (found := re.match(r"\s+(?:case |object |data class |class )?(\w+)", line))
    }


# What is exported for the other side of the language alone.
HIDDEN = {
    "ParkedCall",
    "begun",
    "verify_in_pieces",
    "of_latest",
    "of_abandoned",
    "charge_of_error",
    "describe_error",
    "meaning_of_error",
    "retry_of_error",
}
def spellings(name: str, page: str) -> set[str]:
    """How a language may write a name: Kotlin's errors are exceptions, Python's end in `Error`."""
    if "kotlin" in page:
        return {folded(name), folded(re.sub("Error$", "Exception", name))}
    if "python" in page:
        return {folded(f"{before}{name}{after}") for before in ("", "Call") for after in ("", "Error")}
    return {folded(name)}


def exported(metadata: str) -> list[tuple[str, str]]:
    """Names of the library's metadata: each with the type that it is a member of, or none."""
    found: list[tuple[str, str]] = []
    # What is open: how deep, of what kind, by what name.
    still: list[tuple[int, str, str]] = []
    for line in metadata.splitlines():
        depth = len(line) - len(line.lstrip())
        while still and depth <= still[-1][0]:
            still.pop()
        if opened := re.match(r" *(Function|Record|Enum|Interface|CallbackInterface|Method|Constructor|Variant|Field) \{$", line):
            still.append((depth, opened[1], ""))
        elif still and depth == still[-1][0] + 4 and (name := re.match(r' *name: "(\w+)",$', line)):
            owner = next((named for _, _, named in reversed(still[:-1]) if named), "")
            at, kind, _ = still.pop()
            still.append((at, kind, name[1]))
            # A constructor is called as its type is; a tuple's fields have no names.
            if name[1] != "new" and not re.match(r"v\d+$", name[1]):
                found.append((owner, name[1]))
    return found


def check_exported(metadata: str, pages: list[str]) -> None:
    """Fails unless each page has each name."""
    names = exported(Path(metadata).read_text("utf-8"))
    if len(names) < 20:
        sys.exit(f"{metadata}: only {len(names)} names")
    for path in pages:
        words = {folded(word) for word in re.findall(r"\w+", Path(path).read_text("utf-8"))}
        for owner, name in names:
            if not {owner, name} & HIDDEN and not spellings(name, Path(path).name) & words:
                sys.exit(f"{path}: there is no {owner}{'.' if owner else ''}{name}")


# Words of Rust, and links of its documentation, which no other language has.
RUST = re.compile(
    r"Self::|crate::|\w::\w|\]\(|\bDebug\b|\bfeature\b|\breqwest\b|\bArc\b|\b(Option|Vec|Result)<|\bimpl\b|\btrait\b"
)
SNAKE = re.compile(r"\b[a-z]+(_[a-z0-9]+)+\b")


def documentation(text: str, language: str) -> list[str]:
    """The lines of everything that documents something."""
    found = re.findall(r'"""[^"]*"""' if language == "python" else r"/\*\*(?:[^*]|\*(?!/))*\*/", text)
    found += re.findall(r"(?m)^ *///.*$", text) if language == "swift" else []
    return [line.strip() for block in found for line in block.splitlines()]


def check_words(language: str, paths: list[str]) -> None:
    """Fails when documentation has words of Rust."""
    count = 0
    for path in paths:
        for line in documentation(Path(path).read_text("utf-8"), language):
            count += 1
            if RUST.search(line) or (language != "python" and SNAKE.search(line)):
                sys.exit(f"{path}: {line}")
    if count < 200:
        sys.exit(f"only {count} lines of documentation")


# What we declare ourselves for everybody.
OURS = {
    "kotlin": r"(?m)^(?:data |fun |sealed |open )*(?:class|interface|object|fun|suspend fun) (?:\w+\.)?(\w+)",
    "swift": r"(?m)^ *public (?:final |static |convenience )*(?:class|struct|enum|protocol|func|var|let) (\w+)",
    "python": r'(?m)^    "(\w+)",$',
}


def check_ours(language: str, page: str, paths: list[str]) -> None:
    """Fails unless a page has each name of the sources that are written by hand."""
    words = set(re.findall(r"\w+", Path(page).read_text("utf-8")))
    names = [name for path in paths for name in re.findall(OURS[language], Path(path).read_text("utf-8"))]
    if len(names) < 5:
        sys.exit(f"only {names}")
    for name in names:
        if name not in words:
            sys.exit(f"{page}: there is no {name}")


def check(codes: str, pages: list[str]) -> None:
    listed = json.loads(Path(codes).read_text("utf-8"))
    wanted = {
        "ResultCode": {code["name"] for code in listed["results"]},
        "ErrorCode": {code["name"] for code in listed["errors"]},
        "ErrorKind": {code["kind"] for code in listed["errors"]},
    }
    for path in pages:
        page = Path(path).read_text("utf-8")
        for kind, names in wanted.items():
            missing = {name for name in names if folded(name) not in members_of(page, kind)}
            if missing:
                sys.exit(f"{path}: {kind} has no {', '.join(sorted(missing))}")


def main() -> None:
    language, paths = sys.argv[1], sys.argv[2:]
    if language == "check":
        check(paths[0], paths[1:])
    elif language == "ours":
        check_ours(paths[0], paths[1], paths[2:])
    elif language == "words":
        check_words(paths[0], paths[1:])
    elif language == "exported":
        check_exported(paths[0], paths[1:])
    elif language == "python":
        print(python(paths), end="")
    elif language == "kotlin":
        print(braced(paths, KOTLIN, KOTLIN_HIDDEN), end="")
    else:
        print(braced(paths, re.compile(f"{SWIFT.pattern}|{SWIFT_EXTENSION.pattern}"), SWIFT_HIDDEN), end="")


if __name__ == "__main__":
    main()
