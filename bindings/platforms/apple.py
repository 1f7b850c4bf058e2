"""Links the library for Apple's systems as the binary of a framework: by Xcode's clang on a Mac.
Elsewhere LLVM's linker does it against a stub of libSystem, made of the one that zig carries: a
symbol that is not in it is an error.
"""

from __future__ import annotations

import re
from pathlib import Path

from table import HERE, Platform
from toolchain import has_xcode, linker, output, run, target_folder, zig_folder

EXPORTS = HERE / "exports.apple.txt"
FRAMEWORK = "IdCardVerificationFFI"
# Of the linker, and in a stub.
SYSTEMS = {"iphoneos": "ios", "iphonesimulator": "ios-simulator", "macosx": "macos"}
# The SDK that a file linked without one says that it was made with.
SDK = "26.0"


def environment(platform: Platform) -> dict[str, str]:
    """The deployment target, for the compiler."""
    name = "MACOSX" if platform.sdk == "macosx" else "IPHONEOS"
    return {f"{name}_DEPLOYMENT_TARGET": platform.minimum}


def binary(platform: Platform) -> str:
    """Where the binary lies in a framework: on a Mac, frameworks have versions."""
    version = "Versions/A/" if platform.sdk == "macosx" else ""
    return f"{FRAMEWORK}.framework/{version}{FRAMEWORK}"


def link(platform: Platform, archive: Path, library: Path) -> None:
    """Links the dynamic library."""
    flags: list[str | Path] = [
        *("-install_name", f"@rpath/{binary(platform)}"),
        *("-exported_symbols_list", str(EXPORTS)),
        # Local symbols and what nothing calls go.
        *("-dead_strip", "-x"),
    ]
    if has_xcode():
        sdk = output("xcrun", "--sdk", platform.sdk, "--show-sdk-path")
        simulator = "-simulator" if platform.sdk == "iphonesimulator" else ""
        system = "macos" if platform.sdk == "macosx" else "ios"
        passed = [part for flag in flags for part in ("-Xlinker", flag)]
        run(
            *("xcrun", "--sdk", platform.sdk, "clang", "-dynamiclib", "-isysroot", sdk),
            *("-target", f"{platform.machine}-apple-{system}{platform.minimum}{simulator}"),
            *(*passed, f"-Wl,-force_load,{archive}", "-o", library),
        )
        return
    system = SYSTEMS[platform.sdk]
    inputs: list[str | Path] = ["-force_load", archive, _stub(platform, system), "-o", library]
    run(
        *(str(linker()), "-flavor", "darwin", "-dylib", "-arch", platform.machine),
        *("-platform_version", system, platform.minimum, SDK, *flags, "--icf=all", "-O2"),
        *("-adhoc_codesign", *inputs),
    )


def _stub(platform: Platform, system: str) -> Path:
    """LibSystem for another system than macOS: its text says for which ones its symbols are."""
    text = (zig_folder() / "libc/darwin/libSystem.tbd").read_text(encoding="utf-8")
    target = f"{platform.machine}-{system}"
    text = re.sub(r"targets:( +)\[[^]]*\]", rf"targets:\1[ {target} ]", text)
    folder = target_folder() / "platforms" / "stubs" / platform.name
    folder.mkdir(parents=True, exist_ok=True)
    stub = folder / "libSystem.tbd"
    stub.write_text(text, encoding="utf-8")
    return stub
