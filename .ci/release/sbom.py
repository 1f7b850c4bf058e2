"""The bill of materials of an artefact: the crates that are inside, by CycloneDX.

cargo-cyclonedx describes what a whole workspace could take. An artefact holds less: the crates that
`cargo tree` gives for its package, its features and its platforms. Those are names of
bindings/platforms/platforms.toml, or targets of Rust.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_TABLE = "bindings/platforms/platforms.toml"
_PHONES = ("android", "apple")
_CRATE = re.compile(r"^(\S+) v(\S+)")
Bom = dict[str, Any]
Platforms = dict[str, dict[str, str]]


def platforms(root: Path) -> Platforms:
    """The platforms of the libraries, by name; none where there is no table."""
    try:
        table: Platforms = tomllib.loads((root / _TABLE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return table


def _arguments(root: Path, platform: str) -> tuple[str, ...]:
    """What cargo is told of a platform, or of a target of Rust."""
    row = platforms(root).get(platform, {"kind": "", "triple": platform})
    # An app hands in the HTTP stack of its system; bindings/platforms takes the same variable.
    phone = ("--no-default-features", "--features", os.environ.get("IDCARD_FEATURES", ""))
    return ("--target", row["triple"], *(phone if row["kind"] in _PHONES else ()))


def _run(root: Path, *command: str) -> str:
    ran = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, encoding="utf-8")
    if ran.returncode != 0:
        raise ValueError(f"`{' '.join(command)}` failed")
    return ran.stdout


def _inside(root: Path, package: str, platform: str) -> set[tuple[str, str]]:
    """Names and versions of the crates in an artefact; macros are not."""
    tree = _run(
        root,
        *("cargo", "tree", "--locked", "--package", package, "--edges", "normal,no-proc-macro"),
        *("--prefix", "none", *_arguments(root, platform)),
    )
    return {(found[1], found[2]) for line in tree.splitlines() if (found := _CRATE.match(line))}


def _described(root: Path, package: str, platform: str) -> Bom:
    """What cargo-cyclonedx says; it leaves a file beside each member of the workspace."""
    metadata = json.loads(
        _run(root, "cargo", "metadata", "--locked", "--no-deps", "--format-version", "1")
    )
    name = f".sbom-{os.getpid()}"
    members = {one["name"]: Path(one["manifest_path"]) for one in metadata["packages"]}
    if package not in members:
        raise ValueError(f"{package} is no package of the workspace")
    files = {member: path.with_name(f"{name}.json") for member, path in members.items()}
    try:
        _run(
            root,
            *("cargo", "cyclonedx", "-qq", "--format", "json", "--spec-version", "1.5"),
            *("--no-build-deps", "--manifest-path", str(members[package])),
            *(*_arguments(root, platform)[:2], "--override-filename", name),
        )
        described: Bom = json.loads(files[package].read_text("utf-8"))
    finally:
        for file in files.values():
            file.unlink(missing_ok=True)
    # Where the clone is, is nobody's business.
    text = json.dumps(described).replace(f"path+file://{root.as_posix()}/", "path+file:///")
    plain: Bom = json.loads(text)
    return plain


def _reduced(bom: Bom, inside: set[tuple[str, str]]) -> Bom:
    components = [one for one in bom["components"] if (one["name"], one["version"]) in inside]
    missing = inside - {(one["name"], one["version"]) for one in components}
    own = bom["metadata"]["component"]
    if missing - {(own["name"], own["version"])}:
        raise ValueError(f"cargo-cyclonedx does not know {sorted(missing)}")
    kept = {own["bom-ref"], *(one["bom-ref"] for one in components)}
    dependencies = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", []) if ref in kept]}
        for one in bom["dependencies"]
        if one["ref"] in kept
    ]
    return {**bom, "components": components, "dependencies": dependencies}


def _merged(boms: Iterator[Bom]) -> Bom:
    """One document of several: what is in any of them."""
    first = next(boms)
    components = {one["bom-ref"]: one for one in first["components"]}
    needs = {one["ref"]: set(one["dependsOn"]) for one in first["dependencies"]}
    for bom in boms:
        components |= {one["bom-ref"]: one for one in bom["components"]}
        for one in bom["dependencies"]:
            needs.setdefault(one["ref"], set()).update(one["dependsOn"])
    return {
        **first,
        "components": [components[ref] for ref in sorted(components)],
        "dependencies": [{"ref": ref, "dependsOn": sorted(needs[ref])} for ref in sorted(needs)],
    }


def write(root: Path, package: str, file: Path, names: list[str]) -> int:
    """Write the document of an artefact; gives back how many crates are inside."""
    bom = _merged(
        _reduced(_described(root, package, one), _inside(root, package, one)) for one in names
    )
    bom["metadata"]["properties"] = [
        {"name": "cdx:rustc:sbom:target:triple", "value": _arguments(root, one)[1]} for one in names
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(bom, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return len(bom["components"])


def contents(name: str, table: Platforms) -> tuple[str, list[str]] | None:
    """The crate in a file that is released, and the platforms; None if there is no crate in it."""
    if "-gate." in name:
        raise ValueError(f"{name} is a proof that the library links, and not to ship")
    if found := re.fullmatch(
        r"idcard-verify-\d[^-]*(?:-[a-z]+\.\d+)?-(\w+-.*?)\.(tar\.gz|zip)", name
    ):
        return "idcard-cli", [found[1]]
    crate = (
        "idcard-tools"
        if re.match(r"(?i)idcard[-_]?(verification[-_])?tools\b", name)
        else "idcard-ffi"
    )
    wheels = {key: row["wheel"].split(".") for key, row in table.items() if "wheel" in row}
    if name.endswith(".whl"):
        tags = set(name.removesuffix(".whl").rsplit("-", 1)[1].split("."))
        inside = [key for key, of in wheels.items() if tags & set(of)]
    elif re.fullmatch(r"idcard_verification(_tools)?-\d.*\.tar\.gz", name):
        inside = list(wheels)
    elif re.fullmatch(r"idcard-verification(-tools)?-\d.*(?<!-sources)(?<!-javadoc)\.jar", name):
        inside = [key for key, row in table.items() if "folder" in row]
    elif name.endswith(".aar"):
        inside = [key for key, row in table.items() if row["kind"] == "android"]
    elif name.endswith(".xcframework.zip"):
        inside = [key for key, row in table.items() if row["kind"] == "apple"]
    else:
        return None
    if not inside:
        raise ValueError(f"{name} is for no platform of {_TABLE}")
    return crate, inside


def write_all(root: Path, folder: Path) -> list[dict[str, str]]:
    """Write FILE.cdx.json for each file of a folder with crates in it; gives back the pairs."""
    pairs = []
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        if inside := contents(path.name, platforms(root)):
            bom = path.with_name(f"{path.name}.cdx.json")
            write(root, inside[0], bom, inside[1])
            pairs.append({"file": path.name, "sbom": bom.name})
    if not pairs:
        raise ValueError(f"{folder} has nothing with a crate in it")
    return pairs
