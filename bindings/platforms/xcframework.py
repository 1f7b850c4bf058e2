"""Lays out the XCFramework by hand, as Xcode would, and packs it: the same bytes for one input.

Its frameworks are dynamic. A static library would have its symbols beside those of another Rust
library of the app, where the names of Rust's runtime clash; a framework shows its exports alone, is
found by its module name and needs no flag of the app's.
"""

from __future__ import annotations

import hashlib
import os
import plistlib
import shutil
import struct
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from apple import FRAMEWORK, binary
from table import REPOSITORY, Platform

IDENTIFIER = "io.github.idcardverification.ffi"
# By the identifier of a slice: the platforms whose binaries are in it.
SLICES = {
    "ios-arm64": ["ios-arm64"],
    "ios-arm64_x86_64-simulator": ["ios-simulator-arm64", "ios-simulator-x86_64"],
    "macos-arm64_x86_64": ["macos-arm64", "macos-x86_64"],
}
NAMES = {"iphoneos": "iPhoneOS", "iphonesimulator": "iPhoneSimulator", "macosx": "MacOSX"}
CPUS = {"arm64": (0x0100000C, 0), "x86_64": (0x01000007, 3)}
MODULE = f'framework module {FRAMEWORK} {{\n    header "{FRAMEWORK}.h"\n    export *\n}}\n'
# What the library sends for the app, and why it looks at files: their size, to read keys from one.
PRIVACY: dict[str, object] = {
    "NSPrivacyTracking": False,
    "NSPrivacyTrackingDomains": [],
    "NSPrivacyCollectedDataTypes": [
        {
            "NSPrivacyCollectedDataType": f"NSPrivacyCollectedDataType{kind}",
            "NSPrivacyCollectedDataTypeLinked": True,
            "NSPrivacyCollectedDataTypeTracking": False,
            "NSPrivacyCollectedDataTypePurposes": [
                "NSPrivacyCollectedDataTypePurposeAppFunctionality"
            ],
        }
        for kind in ("Name", "SensitiveInfo")
    ],
    "NSPrivacyAccessedAPITypes": [
        {
            "NSPrivacyAccessedAPIType": "NSPrivacyAccessedAPICategoryFileTimestamp",
            "NSPrivacyAccessedAPITypeReasons": ["C617.1"],
        }
    ],
}


def version() -> str:
    """The version of the workspace."""
    manifest = tomllib.loads((REPOSITORY / "Cargo.toml").read_text(encoding="utf-8"))
    return str(manifest["workspace"]["package"]["version"])


def lay(folder: Path, libraries: dict[str, Path], table: dict[str, Platform], header: Path) -> None:
    """Lays the XCFramework out in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    available = []
    for identifier, names in SLICES.items():
        platforms = [table[name] for name in names]
        _framework(folder / identifier, platforms, [libraries[name] for name in names], header)
        system = "macos" if platforms[0].sdk == "macosx" else "ios"
        entry: dict[str, object] = {
            "BinaryPath": binary(platforms[0]),
            "LibraryIdentifier": identifier,
            "LibraryPath": f"{FRAMEWORK}.framework",
            "SupportedArchitectures": [platform.machine for platform in platforms],
            "SupportedPlatform": system,
        }
        if platforms[0].sdk == "iphonesimulator":
            entry["SupportedPlatformVariant"] = "simulator"
        available.append(entry)
    _plist(
        folder / "Info.plist",
        {
            "AvailableLibraries": available,
            "CFBundlePackageType": "XFWK",
            "XCFrameworkFormatVersion": "1.0",
        },
    )
    shutil.copy(REPOSITORY / "LICENSE", folder / "LICENSE")


def _framework(
    folder: Path, platforms: list[Platform], libraries: list[Path], header: Path
) -> None:
    framework = folder / f"{FRAMEWORK}.framework"
    is_mac = platforms[0].sdk == "macosx"
    inside = framework / "Versions" / "A" if is_mac else framework
    resources = inside / "Resources" if is_mac else inside
    for part in (inside / "Headers", inside / "Modules", resources):
        part.mkdir(parents=True, exist_ok=True)
    slices = [
        (platform.machine, library.read_bytes())
        for platform, library in zip(platforms, libraries, strict=True)
    ]
    program = inside / FRAMEWORK
    program.write_bytes(slices[0][1] if len(slices) == 1 else universal(slices))
    program.chmod(0o755)
    shutil.copy(header, inside / "Headers" / f"{FRAMEWORK}.h")
    (inside / "Modules" / "module.modulemap").write_text(MODULE, encoding="utf-8")
    _plist(resources / "Info.plist", _info(platforms[0]))
    _plist(resources / "PrivacyInfo.xcprivacy", PRIVACY)
    if is_mac:
        os.symlink("A", framework / "Versions" / "Current")
        for name in (FRAMEWORK, "Headers", "Modules", "Resources"):
            os.symlink(f"Versions/Current/{name}", framework / name)


def _info(platform: Platform) -> dict[str, object]:
    minimum = "LSMinimumSystemVersion" if platform.sdk == "macosx" else "MinimumOSVersion"
    info: dict[str, object] = {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleExecutable": FRAMEWORK,
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": FRAMEWORK,
        "CFBundlePackageType": "FMWK",
        "CFBundleShortVersionString": version(),
        "CFBundleSupportedPlatforms": [NAMES[platform.sdk]],
        "CFBundleVersion": version(),
        minimum: platform.minimum,
    }
    if platform.sdk != "macosx":
        info["UIDeviceFamily"] = [1, 2]
    return info


def _plist(path: Path, content: dict[str, object]) -> None:
    path.write_bytes(plistlib.dumps(content, sort_keys=True))


def universal(slices: list[tuple[str, bytes]]) -> bytes:
    """A universal binary, with each slice on a page of its own."""
    page = 0x4000
    head = struct.pack(">II", 0xCAFEBABE, len(slices))
    offset, body = page, b""
    for machine, content in slices:
        kind, subtype = CPUS[machine]
        head += struct.pack(">IIIII", kind, subtype, offset, len(content), 14)
        padding = -len(content) % page
        body += content + bytes(padding)
        offset += len(content) + padding
    return head.ljust(page, b"\0") + body


def pack(folder: Path, archive: Path) -> str:
    """Packs the folder, and says the checksum that Package.swift names."""
    archive.unlink(missing_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in _files(folder):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            if path.is_symlink():
                entry.external_attr = 0o120755 << 16
                packed.writestr(entry, os.readlink(path))
            else:
                is_program = path.name == FRAMEWORK
                entry.external_attr = (0o100755 if is_program else 0o100644) << 16
                packed.writestr(entry, path.read_bytes())
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        else:
            yield path
