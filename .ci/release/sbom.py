"""The bill of materials of an artefact: the crates that are inside, by CycloneDX.

cargo-cyclonedx describes what a whole workspace could take. An artefact holds less: the crates that
`cargo tree` gives for its package, its features and its platforms.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PLATFORMS = {
    "linux-x86_64": "x86_64-unknown-linux-gnu",
    "linux-aarch64": "aarch64-unknown-linux-gnu",
    "linux-musl-x86_64": "x86_64-unknown-linux-musl",
    "linux-musl-aarch64": "aarch64-unknown-linux-musl",
    "macos-x86_64": "x86_64-apple-darwin",
    "macos-aarch64": "aarch64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
    "android-arm64-v8a": "aarch64-linux-android",
    "android-armeabi-v7a": "armv7-linux-androideabi",
    "android-x86_64": "x86_64-linux-android",
    "ios-arm64": "aarch64-apple-ios",
    "ios-simulator-arm64": "aarch64-apple-ios-sim",
}
# An app hands in the HTTP stack of its system.
_MOBILE = ("--no-default-features",)
_CRATE = re.compile(r"^(\S+) v(\S+)")
Bom = dict[str, Any]


def _features(platform: str, more: str) -> tuple[str, ...]:
    own = _MOBILE if platform.startswith(("android-", "ios-")) else ()
    return (*own, "--features", more) if more else own


def _run(root: Path, *command: str) -> str:
    ran = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, encoding="utf-8")
    if ran.returncode != 0:
        raise ValueError(f"`{' '.join(command[:2])}` failed")
    return ran.stdout


def _inside(root: Path, package: str, platform: str, more: str) -> set[tuple[str, str]]:
    """Names and versions of the crates in an artefact; macros are not."""
    tree = _run(
        root,
        *("cargo", "tree", "--locked", "--package", package, "--edges", "normal,no-proc-macro"),
        *("--prefix", "none", "--target", PLATFORMS[platform], *_features(platform, more)),
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
            *("--target", PLATFORMS[platform], "--override-filename", name),
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


def write(root: Path, package: str, file: Path, platforms: list[str], more: str) -> int:
    """Write the document of an artefact; gives back how many crates are inside."""
    if unknown := set(platforms) - set(PLATFORMS):
        raise ValueError(f"no platform: {', '.join(sorted(unknown))}; {', '.join(PLATFORMS)}")
    bom = _merged(
        _reduced(_described(root, package, one), _inside(root, package, one, more))
        for one in platforms
    )
    bom["metadata"]["properties"] = [
        {"name": "cdx:rustc:sbom:target:triple", "value": PLATFORMS[one]} for one in platforms
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(bom, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return len(bom["components"])
