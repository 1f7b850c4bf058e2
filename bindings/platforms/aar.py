"""Checks the AAR: what an app takes into its build, and what Android loads of it.

python aar.py FILE.aar --pom FILE.pom --jna JNA.aar [--exports REGEX]

Needs lief, which reads ELF. Prints each fault in a line, and ends with 1 if there is one.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import lief
from binary import ELF_MACHINES, PAGE
from table import platforms

PACKAGE = "io.github.idcardverification"
LIBRARY = "libidcard_verification_ffi.so"
#: Class files of Java 17, as the jars have them; the tests give them to R8.
CLASS_VERSION = 61
#: Every function of UniFFI, and nothing else.
EXPORTS = r"(ffi|uniffi)_idcard_verification_\w+"
METADATA = "UNIFFI_META"
GATE = "Not to ship"

_ANDROIDS = [one for one in platforms().values() if one.kind == "android"]
MIN_SDK = int(_ANDROIDS[0].minimum)
#: By ABI.
MACHINES = {one.name.removeprefix("android-"): ELF_MACHINES[one.machine] for one in _ANDROIDS}
FILES = {"AndroidManifest.xml", "LICENSE", "R.txt", "classes.jar", "proguard.txt"}
#: What the rules have to say, as a line of them.
RULES = (
    r"-keep class com\.sun\.jna\.\*\* \{ \*; \}",
    r"-dontwarn java\.awt\.\*\*",
    r"-keep class \* extends com\.sun\.jna\.Structure \{ <fields>; <init>\(\.\.\.\); \}",
    r"-keepattributes RuntimeVisibleAnnotations",
    r"-keep class \* implements com\.sun\.jna\.Callback \{ public \*; \}",
    rf"-keepclassmembers class {re.escape(PACKAGE)}\.\*\* \{{ native <methods>; \}}",
    rf"-keepnames class {re.escape(PACKAGE)}\.\*\* extends java\.lang\.Throwable",
)
#: Artefact and type of what the POM has to name, and nothing else.
DEPENDENCIES = {
    ("org.jetbrains.kotlin:kotlin-stdlib", "jar"),
    ("org.jetbrains.kotlinx:kotlinx-coroutines-core", "jar"),
    ("net.java.dev.jna:jna", "aar"),
    ("com.squareup.okhttp3:okhttp", "jar"),
}

_ANDROID = "{http://schemas.android.com/apk/res/android}"
_POM = {"m": "http://maven.apache.org/POM/4.0.0"}


@dataclass
class Aar:
    """An AAR, its POM and the AAR of JNA, in memory: a test changes them and looks what is said."""

    name: str
    entries: dict[str, bytes]
    pom: str
    jna: dict[str, bytes]
    classes: dict[str, bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.classes = _entries(self.entries.get("classes.jar", b""))


def _entries(archive: bytes) -> dict[str, bytes]:
    if not archive:
        return {}
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


def read(aar: Path, pom: Path, jna: Path) -> Aar:
    """The three as they lie in their repositories."""
    return Aar(
        aar.name, _entries(aar.read_bytes()), pom.read_text("utf-8"), _entries(jna.read_bytes())
    )


def layout(aar: Aar) -> Iterator[str]:
    """There is what an AAR of ours consists of, and nothing else."""
    wanted = FILES | {f"jni/{abi}/{LIBRARY}" for abi in MACHINES}
    for name in sorted(wanted - aar.entries.keys()):
        yield f"{name} is missing"
    for name in sorted(aar.entries.keys() - wanted):
        yield f"{name} does not belong into it"


def manifest(aar: Aar) -> Iterator[str]:
    """The package, the API level, no permission, and the mark of what may not be shipped."""
    text = aar.entries.get("AndroidManifest.xml", b"<manifest/>").decode()
    root = ElementTree.fromstring(text)
    if root.get("package") != PACKAGE:
        yield f"the manifest's package is {root.get('package')}"
    level = root.find("uses-sdk")
    found = None if level is None else level.get(f"{_ANDROID}minSdkVersion")
    if found != str(MIN_SDK):
        yield f"the manifest's minSdkVersion is {found}, not {MIN_SDK}"
    for one in root:
        if one.tag != "uses-sdk":
            yield f"the manifest adds {one.tag} {one.get(f'{_ANDROID}name', '')} to an app"
    if aar.name.endswith("-gate.aar") != (GATE in text):
        yield f"{aar.name}: the name and the manifest do not agree on whether it may be shipped"


def classes(aar: Aar) -> Iterator[str]:
    """Our classes, no others, and none that a tool of Android's cannot read."""
    folder = PACKAGE.replace(".", "/") + "/"
    for needed in ("Client.class", "UniffiLib.class", "okhttp/OkHttpTransport.class"):
        if folder + needed not in aar.classes:
            yield f"classes.jar has no {needed}"
    for name, content in sorted(aar.classes.items()):
        if name.endswith(".kotlin_module"):
            continue
        if not name.endswith(".class") or not name.startswith(folder):
            yield f"{name} does not belong into classes.jar"
        elif (version := int.from_bytes(content[6:8], "big")) > CLASS_VERSION:
            yield f"{name} has class version {version}, more than {CLASS_VERSION}"


def rules(aar: Aar) -> Iterator[str]:
    """What shrinking may not take away is named."""
    text = re.sub(r"#.*", "", aar.entries.get("proguard.txt", b"").decode())
    found = re.split(r"\s(?=-)", " ".join(text.split()))
    for rule in RULES:
        if not any(re.fullmatch(rule, one.strip()) for one in found):
            yield f"proguard.txt has no rule like {rule}"


def pom(aar: Aar) -> Iterator[str]:
    """An app gets what the library needs, in the form that Android takes."""
    root = ElementTree.fromstring(aar.pom)
    if (packaging := root.findtext("m:packaging", "jar", _POM)) != "aar":
        yield f"the POM's packaging is {packaging}"
    found = set()
    for one in root.iterfind("m:dependencies/m:dependency", _POM):
        name = ":".join(one.findtext(f"m:{part}", "", _POM) for part in ("groupId", "artifactId"))
        found.add((name, one.findtext("m:type", "jar", _POM)))
        if (scope := one.findtext("m:scope", "compile", _POM)) != "compile":
            yield f"the POM has {name} in the scope {scope}"
        if not re.fullmatch(r"\d[\w.-]*", one.findtext("m:version", "", _POM)):
            yield f"the POM has no version of {name}"
    for name, form in sorted(DEPENDENCIES - found):
        yield f"the POM does not name {name} as {form}"
    for name, form in sorted(found - DEPENDENCIES):
        yield f"the POM names {name} as {form}"


def pages(name: str, binary: lief.ELF.Binary) -> Iterator[str]:
    """Each segment that is loaded begins where a large page does."""
    loaded = [one for one in binary.segments if one.type == lief.ELF.Segment.TYPE.LOAD]
    if not loaded:
        yield f"{name} has nothing to load"
    for one in loaded:
        if one.alignment < PAGE or one.alignment % PAGE:
            yield f"{name} is aligned to {one.alignment:#x}, not to {PAGE:#x}"


def _parsed(name: str, content: bytes) -> lief.ELF.Binary | None:
    if content[:4] != b"\x7fELF":
        return None
    return lief.ELF.parse(io.BytesIO(content))


def _library(name: str, abi: str, content: bytes, exports: str) -> Iterator[str]:
    binary = _parsed(name, content)
    if binary is None:
        yield f"{name} is no ELF file"
        return
    machine = (binary.header.machine_type, binary.header.identity_class)
    if machine != MACHINES[abi]:
        yield f"{name} is for {machine[0]} and {machine[1]}"
    yield from pages(name, binary)
    soname = [
        one.name for one in binary.dynamic_entries if isinstance(one, lief.ELF.DynamicSharedObject)
    ]
    if soname != [LIBRARY]:
        yield f"{name} has the SONAME {', '.join(map(str, soname)) or 'of nothing'}"
    exported = [str(one.name) for one in binary.exported_symbols]
    if not exported:
        yield f"{name} exports nothing"
    for symbol in sorted(exported):
        if METADATA in symbol or not re.fullmatch(exports, symbol):
            yield f"{name} exports {symbol}"
    # What is read by a debugger alone is taken out: an app does not carry it.
    if any(str(one.name).startswith(".debug_") or one.name == ".symtab" for one in binary.sections):
        yield f"{name} is not stripped"
    if METADATA.encode() in content:
        yield f"{name} has the metadata of the generator"


def libraries(aar: Aar, exports: str) -> Iterator[str]:
    """Each library fits its ABI, is loaded on every device, and shows what it has to."""
    for abi in MACHINES:
        name = f"jni/{abi}/{LIBRARY}"
        if name in aar.entries:
            yield from _library(name, abi, aar.entries[name], exports)


def of_jna(aar: Aar) -> Iterator[str]:
    """JNA's own libraries are loaded on the same devices."""
    for abi in MACHINES:
        name = f"jni/{abi}/libjnidispatch.so"
        binary = _parsed(name, aar.jna.get(name, b""))
        if binary is None:
            yield f"JNA has no {name}"
            continue
        if (binary.header.machine_type, binary.header.identity_class) != MACHINES[abi]:
            yield f"JNA's {name} is for another machine"
    for name, content in sorted(aar.jna.items()):
        if name.endswith(".so") and (binary := _parsed(name, content)) is not None:
            yield from pages(f"JNA's {name}", binary)


def faults(aar: Aar, exports: str = EXPORTS) -> list[str]:
    """Everything that is wrong with it."""
    return [
        *layout(aar),
        *manifest(aar),
        *classes(aar),
        *rules(aar),
        *pom(aar),
        *libraries(aar, exports),
        *of_jna(aar),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks an AAR of idcard-verification.")
    parser.add_argument("aar", type=Path)
    parser.add_argument("--pom", type=Path, required=True)
    parser.add_argument("--jna", type=Path, required=True, help="the AAR of JNA that the POM names")
    parser.add_argument("--exports", default=EXPORTS, help="pattern of what a library may export")
    given = parser.parse_args()
    found = faults(read(given.aar, given.pom, given.jna), given.exports)
    for one in found:
        sys.stdout.write(f"{given.aar.name}: {one}\n")
    if not found:
        sys.stdout.write(f"{given.aar.name}: as it has to be\n")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
