"""Reads a library back, and says what is wrong with it for its platform."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import lief
from android import bionic
from apple import binary
from table import NAME, Platform

# What a library of a phone may export, and of any platform must not lack a function of the header.
OURS = re.compile(r"_?(?:ffi|uniffi)_idcard_verification_\w+")
FUNCTION = re.compile(r"\b((?:ffi|uniffi)_idcard_verification_\w+)\s*\(")
# Android 15 has devices whose pages are that large; what is aligned to less is not loaded there.
PAGE = 0x4000

ELF_MACHINES = {
    "arm64": (lief.ELF.ARCH.AARCH64, lief.ELF.Header.CLASS.ELF64),
    "arm": (lief.ELF.ARCH.ARM, lief.ELF.Header.CLASS.ELF32),
    "x86_64": (lief.ELF.ARCH.X86_64, lief.ELF.Header.CLASS.ELF64),
}
# What a Linux has without a package of its own.
LINUX = re.compile(
    r"(?:lib(?:c|m|dl|rt|pthread|gcc_s)\.so(?:\.\d+)?|ld-linux[\w-]*\.so\.\d|libc\.musl-\w+\.so\.1)"
)
WINDOWS = re.compile(
    r"(?:kernel32|ws2_32|ntdll|bcryptprimitives|bcrypt|crypt32|advapi32|secur32|userenv|"
    r"api-ms-win-[\w-]+|ucrtbase)\.dll",
    re.IGNORECASE,
)
MACHO_MACHINES = {
    "arm64": lief.MachO.Header.CPU_TYPE.ARM64,
    "x86_64": lief.MachO.Header.CPU_TYPE.X86_64,
}
MACHO_PLATFORMS = {
    "iphoneos": lief.MachO.BuildVersion.PLATFORMS.IOS,
    "iphonesimulator": lief.MachO.BuildVersion.PLATFORMS.IOS_SIMULATOR,
    "macosx": lief.MachO.BuildVersion.PLATFORMS.MACOS,
}
# Apple's API that wants a reason in the privacy manifest, by the symbols of a category.
REASONS = {
    "NSPrivacyAccessedAPICategoryFileTimestamp": {
        *("_stat", "_fstat", "_fstatat", "_lstat", "_getattrlist", "_fgetattrlist"),
        *("_getattrlistat", "_getattrlistbulk"),
    },
    "NSPrivacyAccessedAPICategorySystemBootTime": {"_mach_absolute_time"},
    "NSPrivacyAccessedAPICategoryDiskSpace": {"_statfs", "_statvfs", "_fstatfs", "_fstatvfs"},
}


def functions(header: Path) -> set[str]:
    """The functions that the generated sources call."""
    return set(FUNCTION.findall(header.read_text(encoding="utf-8")))


def faults(path: Path, platform: Platform, required: set[str]) -> list[str]:
    """What is wrong with a library; nothing when it is good."""
    if not path.is_file():
        return [f"{path.name} is not there"]
    if platform.kind in {"android", "linux"}:
        return list(_elf(path, platform, required))
    if platform.kind in {"apple", "macos"}:
        return list(_macho(path.read_bytes(), platform, required))
    return list(_pe(path, required))


def _symbols(
    exported: Iterable[str], platform: Platform | None, required: set[str]
) -> Iterator[str]:
    names = {name.removeprefix("_") for name in exported}
    if missing := sorted(required - names):
        yield f"lacks {len(missing)} functions of the header, such as {missing[0]}"
    others = sorted(name for name in names if not OURS.fullmatch(name))
    if others and platform is not None and platform.is_phone:
        yield f"exports {len(others)} names that nobody calls, such as {others[0]}"


def _elf(path: Path, platform: Platform, required: set[str]) -> Iterator[str]:
    elf = lief.ELF.parse(path)
    if elf is None:
        yield "is no ELF file"
        return
    if (elf.header.machine_type, elf.header.identity_class) != ELF_MACHINES[platform.machine]:
        yield f"is of {elf.header.machine_type}, not for {platform.machine}"
    soname = elf.get(lief.ELF.DynamicEntry.TAG.SONAME)
    name = getattr(soname, "name", None)
    if platform.kind == "android" and name != f"lib{NAME}.so":
        yield f"SONAME is {name}, not lib{NAME}.so"
    if elf.get(lief.ELF.DynamicEntry.TAG.TEXTREL) is not None:
        yield "has relocations in its code"
    for segment in elf.segments:
        is_code = bool(int(segment.flags) & int(lief.ELF.Segment.FLAGS.X))
        if segment.type == lief.ELF.Segment.TYPE.GNU_STACK and is_code:
            yield "has an executable stack"
        is_paged = platform.kind == "android" and platform.machine != "arm"
        is_loaded = segment.type == lief.ELF.Segment.TYPE.LOAD
        if is_paged and is_loaded and segment.alignment < PAGE:
            yield f"has a segment aligned to {segment.alignment:#x}, less than {PAGE:#x}"
    exported = [str(symbol.name) for symbol in elf.exported_symbols]
    yield from _symbols(exported, platform, required)
    if platform.kind == "android":
        yield from _bionic(elf, int(platform.minimum))
    else:
        yield from _libc(elf, platform)


def _bionic(elf: lief.ELF.Binary, level: int) -> Iterator[str]:
    stubs = bionic(level)
    if others := sorted(set(map(str, elf.libraries)) - {*stubs, "libm.so", "libdl.so"}):
        yield f"needs {', '.join(others)}"
    known = {name for names in stubs.values() for name in names}
    for symbol in elf.imported_symbols:
        is_weak = symbol.binding == lief.ELF.Symbol.BINDING.WEAK
        if symbol.name and symbol.name not in known and not is_weak:
            yield f"calls {symbol.name!s}, which API level {level} is not known to have"


def _libc(elf: lief.ELF.Binary, platform: Platform) -> Iterator[str]:
    if others := sorted(
        library for library in map(str, elf.libraries) if not LINUX.fullmatch(library)
    ):
        yield f"needs {', '.join(others)}"
    is_musl = "musl" in platform.triple
    for requirement in elf.symbols_version_requirement:
        for needed in requirement.get_auxiliary_symbols():
            found = re.fullmatch(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?", str(needed.name))
            if found and is_musl:
                yield f"needs {needed.name!s} of glibc"
            elif found and (int(found[1]), int(found[2])) > _version(platform.minimum):
                yield f"needs {needed.name!s}, newer than glibc {platform.minimum}"


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def _macho(content: bytes, platform: Platform, required: set[str]) -> Iterator[str]:
    fat = lief.MachO.parse(content)
    wanted = MACHO_MACHINES[platform.machine]
    macho = next((one for one in fat or [] if one.header.cpu_type == wanted), None)
    if macho is None:
        yield f"has nothing for {platform.machine}"
        return
    if macho.header.file_type != lief.MachO.Header.FILE_TYPE.DYLIB:
        yield f"is a {macho.header.file_type}, not a dynamic library"
        return
    version = macho.build_version
    if version is None:
        yield "does not say for which platform it is"
    else:
        if version.platform != MACHO_PLATFORMS[platform.sdk or "macosx"]:
            yield f"is for {version.platform}, not for {platform.sdk}"
        if tuple(version.minos[:2]) != _version(platform.minimum):
            yield f"runs from {version.minos} on, not from {platform.minimum}"
    names = [str(library.name) for library in macho.libraries]
    if platform.kind == "apple" and names[0] != f"@rpath/{binary(platform)}":
        yield f"has the install name {names[0]}"
    own = re.compile(r"(?:/usr/lib/|/System/Library/Frameworks/).*")
    if others := [name for name in names[1:] if not own.fullmatch(name)]:
        yield f"needs {', '.join(others)}"
    if not macho.has_code_signature and platform.machine == "arm64":
        yield "is not signed, not even ad hoc"
    yield from _symbols((str(s.name) for s in macho.exported_symbols), platform, required)


def reasons(content: bytes) -> set[str]:
    """The categories of Apple's API for which the privacy manifest has to give a reason."""
    found: set[str] = set()
    # The file owns its slices, and has to outlive them.
    fat = lief.MachO.parse(content)
    for macho in fat or []:
        imported = {str(symbol.name) for symbol in macho.imported_symbols}
        found |= {category for category, names in REASONS.items() if names & imported}
    return found


def _pe(path: Path, required: set[str]) -> Iterator[str]:
    pe = lief.PE.parse(path)
    if pe is None:
        yield "is no PE file"
        return
    if pe.header.machine != lief.PE.Header.MACHINE_TYPES.AMD64:
        yield f"is of {pe.header.machine}, not for x86_64"
    if not pe.header.has_characteristic(lief.PE.Header.CHARACTERISTICS.DLL):
        yield "is no DLL"
    if others := sorted(
        str(one.name) for one in pe.imports if not WINDOWS.fullmatch(str(one.name))
    ):
        yield f"needs {', '.join(others)}"
    export = pe.get_export()
    names = [str(entry.name) for entry in export.entries] if export else []
    yield from _symbols(names, None, required)
