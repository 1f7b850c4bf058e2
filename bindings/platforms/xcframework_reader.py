"""Reads an XCFramework back, and says what is wrong with it."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import binary as binaries
from apple import FRAMEWORK, binary
from table import Platform
from xcframework import SLICES

INFO = {
    "CFBundleExecutable",
    "CFBundleIdentifier",
    "CFBundleInfoDictionaryVersion",
    "CFBundleName",
    "CFBundlePackageType",
    "CFBundleShortVersionString",
    "CFBundleSupportedPlatforms",
    "CFBundleVersion",
}


def faults(folder: Path, table: dict[str, Platform], required: set[str]) -> list[str]:
    """What is wrong; nothing when it is good."""
    info = _plist(folder / "Info.plist")
    if info is None:
        return ["has no Info.plist, or one that cannot be read"]
    return list(_all(folder, info, table, required))


def _all(
    folder: Path, info: dict[str, Any], table: dict[str, Platform], required: set[str]
) -> Iterator[str]:
    if info.get("CFBundlePackageType") != "XFWK" or info.get("XCFrameworkFormatVersion") != "1.0":
        yield "Info.plist is of no XCFramework"
    entries = {
        entry.get("LibraryIdentifier"): entry for entry in info.get("AvailableLibraries", [])
    }
    if set(entries) != set(SLICES):
        yield f"has the slices {', '.join(sorted(map(str, entries)))}"
    for identifier, names in SLICES.items():
        platforms = [table[name] for name in names]
        for fault in _slice(folder / identifier, entries.get(identifier, {}), platforms, required):
            yield f"{identifier}: {fault}"


def _slice(
    folder: Path, entry: dict[str, Any], platforms: list[Platform], required: set[str]
) -> Iterator[str]:
    first = platforms[0]
    system = "macos" if first.sdk == "macosx" else "ios"
    variant = "simulator" if first.sdk == "iphonesimulator" else None
    if (entry.get("SupportedPlatform"), entry.get("SupportedPlatformVariant")) != (system, variant):
        yield "is said to be for another system"
    if entry.get("SupportedArchitectures") != [platform.machine for platform in platforms]:
        yield "is said to be for other machines"
    if entry.get("LibraryPath") != f"{FRAMEWORK}.framework" or entry.get("BinaryPath") != binary(
        first
    ):
        yield "does not say where its framework is"
    program = folder / binary(first)
    if not program.is_file():
        yield "has no binary"
        return
    for platform in platforms:
        for fault in binaries.faults(program, platform, required):
            yield f"{platform.machine}: {fault}"
    framework = folder / f"{FRAMEWORK}.framework"
    yield from _layout(framework, first, required)
    yield from _privacy(framework, program)


def _layout(framework: Path, platform: Platform, required: set[str]) -> Iterator[str]:
    headers = framework / "Headers"
    if stray := sorted(path.name for path in headers.glob("*") if path.stem != FRAMEWORK):
        yield f"has {stray[0]} in Headers, where every name begins with {FRAMEWORK}"
    header = headers / f"{FRAMEWORK}.h"
    if not header.is_file() or binaries.functions(header) != required:
        yield "has not the header of these sources"
    module = framework / "Modules" / "module.modulemap"
    text = module.read_text(encoding="utf-8") if module.is_file() else ""
    if not re.match(rf"framework module {FRAMEWORK} \{{", text):
        yield f"has no module map of the framework module {FRAMEWORK}"
    is_mac = platform.sdk == "macosx"
    if (
        is_mac != (framework / "Versions").is_dir()
        or is_mac != (framework / FRAMEWORK).is_symlink()
    ):
        yield "has versions only on a Mac, where it must"
    info = _plist(framework / ("Resources" if is_mac else "") / "Info.plist") or {}
    minimum = "LSMinimumSystemVersion" if is_mac else "MinimumOSVersion"
    if missing := sorted((INFO | {minimum}) - info.keys()):
        yield f"Info.plist lacks {', '.join(missing)}"
    elif info[minimum] != platform.minimum or info["CFBundlePackageType"] != "FMWK":
        yield f"Info.plist says {minimum} {info[minimum]}, {info['CFBundlePackageType']}"


def _privacy(framework: Path, program: Path) -> Iterator[str]:
    is_mac = (framework / "Versions").is_dir()
    privacy = _plist(framework / ("Resources" if is_mac else "") / "PrivacyInfo.xcprivacy")
    if privacy is None or "NSPrivacyTracking" not in privacy:
        yield "has no privacy manifest"
        return
    told = {
        entry["NSPrivacyAccessedAPIType"]: entry["NSPrivacyAccessedAPITypeReasons"]
        for entry in privacy.get("NSPrivacyAccessedAPITypes", [])
    }
    needed = binaries.reasons(program.read_bytes())
    if missing := sorted(needed - told.keys()):
        yield f"the privacy manifest gives no reason for {', '.join(missing)}"
    if idle := sorted(told.keys() - needed):
        yield f"the privacy manifest gives a reason for {', '.join(idle)}, which it does not call"


def _plist(path: Path) -> dict[str, Any] | None:
    try:
        return dict(plistlib.loads(path.read_bytes()))
    except (OSError, plistlib.InvalidFileException, ValueError):
        return None
