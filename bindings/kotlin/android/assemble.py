"""Puts the AAR and its sources together from what was built; the same input, the same bytes."""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

ANDROID = Path(__file__).parent
KOTLIN = ANDROID.parent
ROOT = KOTLIN.parent.parent
ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")
LIBRARY = "libidcard_verification_ffi.so"
ARTIFACT = "idcard-verification-android"
NOT_SHIPPABLE = "NOT-SHIPPABLE"
# What a comment in a manifest may say of a library that is there for the tests alone.
GATE = "<!-- Not to ship: its libraries were linked without the NDK. -->\n"
POM = {"m": "http://maven.apache.org/POM/4.0.0"}

Entries = dict[str, bytes]


def zipped(entries: Entries) -> bytes:
    """A zip whose bytes follow from its entries alone: in order, and of no day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, entries[name], zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def tree(folder: Path, pattern: str) -> Entries:
    """The files of a folder, by their paths in it."""
    files = (path for path in folder.rglob(pattern) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def merged(*parts: Entries) -> Entries:
    """All of them; a name that two have is a mistake."""
    whole: Entries = {}
    for part in parts:
        if twice := whole.keys() & part.keys():
            raise SystemExit(f"two parts have {', '.join(sorted(twice))}")
        whole |= part
    return whole


def classes() -> Entries:
    """What is compiled of the library and its adapter, without the desktop's libraries."""
    parts: list[Entries] = []
    for module in ("library", "okhttp"):
        compiled = KOTLIN / module / "target" / "classes"
        found = tree(compiled, "*.class")
        if not found:
            raise SystemExit(f"no classes in {compiled}")
        # Without it nobody can call functions that stand outside a class from Kotlin.
        parts += [found, tree(compiled, "*.kotlin_module")]
    return merged(*parts)


def sources() -> Entries:
    """Sources of the same."""
    return merged(
        tree(KOTLIN / "library" / "src" / "main" / "kotlin", "*.kt"),
        tree(KOTLIN / "okhttp" / "src" / "main" / "kotlin", "*.kt"),
        tree(KOTLIN / "target" / "generated" / "ffi" / "kotlin", "*.kt"),
    )


def natives(folder: Path) -> tuple[Entries, bool]:
    """The library of each ABI, and whether all of them can be shipped."""
    found: Entries = {}
    shippable = True
    for abi in ABIS:
        path = folder / f"android-{abi}" / LIBRARY
        if not path.is_file():
            raise SystemExit(f"there is no {path.name} for {abi}: {path}")
        found[f"jni/{abi}/{LIBRARY}"] = path.read_bytes()
        shippable &= not (path.parent / NOT_SHIPPABLE).exists()
    return found, shippable


def versions() -> dict[str, str]:
    """What the POM of the jars has as its version and as its properties."""
    root = ElementTree.parse(KOTLIN / "pom.xml").getroot()
    properties = {
        one.tag.partition("}")[2]: one.text or "" for one in root.iterfind("m:properties/*", POM)
    }
    return properties | {"project.version": root.findtext("m:version", "", POM)}


def assemble(native_folder: Path, repository: Path) -> Path:
    """Writes the AAR, its sources and its POM into the repository."""
    found = versions()
    version = found["project.version"]
    libraries, shippable = natives(native_folder)
    manifest = (ANDROID / "AndroidManifest.xml").read_text("utf-8")
    if not shippable:
        head, line, rest = manifest.partition("\n")
        manifest = head + line + GATE + rest
    licence = (ROOT / "LICENSE").read_bytes()
    aar = merged(
        {
            "AndroidManifest.xml": manifest.encode(),
            "LICENSE": licence,
            "R.txt": b"",
            "classes.jar": zipped(classes()),
            "proguard.txt": (ANDROID / "proguard.txt").read_bytes(),
        },
        libraries,
    )
    template = (ANDROID / "pom.xml").read_text("utf-8")
    pom = re.sub(r"@([a-z.]+)@", lambda name: found[name[1]], template)

    folder = repository / "io" / "github" / "idcardverification" / ARTIFACT / version
    # A gate does not stay beside what is released, nor the other way round.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stem = f"{ARTIFACT}-{version}"
    path = folder / f"{stem}{'' if shippable else '-gate'}.aar"
    path.write_bytes(zipped(aar))
    (folder / f"{stem}.pom").write_text(pom, "utf-8")
    (folder / f"{stem}-sources.jar").write_bytes(
        zipped(merged(sources(), {"META-INF/LICENSE": licence}))
    )
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--natives", type=Path, required=True, help="folder of android-<ABI>/")
    parser.add_argument("--repository", type=Path, required=True, help="Maven repository to fill")
    given = parser.parse_args()
    path = assemble(given.natives, given.repository)
    sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
