"""Links the library for Android: by the NDK's clang where there is an NDK.

Without one, LLVM's linker does it against stubs that have the functions of bionic at the API level
and nothing else, with the unwinder of LLVM in the place of the NDK's, which is the same. Then a
function that the level lacks is an error, and the file has the size that one of an NDK would have;
only it is not one to ship.
"""

from __future__ import annotations

from pathlib import Path

from table import HERE, Platform
from toolchain import linker, ndk, run, target_folder, zig, zig_folder

EXPORTS = HERE / "exports.map"
# zig has no bionic; the stubs and the unwinder need an architecture and headers alone.
ZIG = {"arm64": "aarch64-linux-musl", "arm": "arm-linux-musleabi", "x86_64": "x86_64-linux-musl"}
CLANG = {
    "arm64": "aarch64-linux-android",
    "arm": "armv7a-linux-androideabi",
    "x86_64": "x86_64-linux-android",
}
FLAGS = [
    # What nothing calls goes, and of functions that are alike one stays.
    *("--gc-sections", "--icf=all", "-O2"),
    f"--version-script={EXPORTS}",
    # Since API level 23; in place of 22 kB of relocations there are 3.
    *("--pack-dyn-relocs=android", "--hash-style=gnu"),
    # Devices with pages of 16 kB.
    *("-z", "max-page-size=16384", "-z", "relro", "-z", "now", "-z", "defs"),
    "--eh-frame-hdr",
]


def bionic(level: int) -> dict[str, list[str]]:
    """The functions of each library of Android at an API level, as far as this one needs any."""
    found: dict[str, list[str]] = {}
    for line in (HERE / "bionic.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, library, since = line.split()
            if int(since) <= level:
                found.setdefault(library, []).append(name)
    return found


def link(platform: Platform, archive: Path, library: Path, *, symbols: bool = False) -> None:
    """Links the dynamic library, with its symbols or without."""
    flags = [f"-soname={library.name}", *FLAGS, *([] if symbols else ["--strip-all"])]
    archives = ["--whole-archive", str(archive), "--no-whole-archive"]
    if binaries := ndk():
        clang = binaries / f"{CLANG[platform.machine]}{platform.minimum}-clang"
        passed = [f"-Wl,{flag}" for flag in [*flags, *archives]]
        run(clang, "-shared", "-fuse-ld=lld", "-o", library, *passed, "-lc", "-ldl", "-lm")
        return
    stubs = _stubs(platform)
    run(
        *(str(linker()), "-flavor", "gnu", "-shared", "-o", str(library), *flags, *archives),
        *sorted(stubs.glob("*.o")),
        *sorted(stubs.glob("*.so")),
    )


def _stubs(platform: Platform) -> Path:
    """Makes the stubs and the unwinder of a platform."""
    folder = target_folder() / "platforms" / "stubs" / platform.name
    folder.mkdir(parents=True, exist_ok=True)
    target = ["-target", ZIG[platform.machine]]
    for library, functions in bionic(int(platform.minimum)).items():
        source = folder / f"{library}.c"
        text = "".join(f"void {name}(void) {{}}\n" for name in functions)
        if source.is_file() and source.read_text(encoding="utf-8") == text:
            continue
        source.write_text(text, encoding="utf-8")
        run(
            *(*zig(), "cc", *target, "-nostdlib", "-shared", "-fno-builtin", "-w"),
            *(f"-Wl,-soname,{library}", "-o", folder / library, source),
        )
    unwinder = zig_folder() / "libunwind"
    for name, language in UNWINDER.items():
        built = folder / f"{name}.o"
        if not built.is_file():
            run(
                *(*zig(), "cc", *target, *language, *UNWINDER_FLAGS),
                *("-I", unwinder / "include", "-c", unwinder / "src" / name, "-o", built),
            )
    return folder


CPP = ["-x", "c++", "-nostdinc++", "-std=c++17", "-fno-exceptions", "-fno-rtti"]
UNWINDER: dict[str, list[str]] = {
    "libunwind.cpp": CPP,
    "Unwind-EHABI.cpp": CPP,
    "UnwindLevel1.c": [],
    "UnwindLevel1-gcc-ext.c": [],
    "UnwindRegistersRestore.S": [],
    "UnwindRegistersSave.S": [],
}
UNWINDER_FLAGS = [
    *("-Os", "-fPIC", "-DNDEBUG", "-D_LIBUNWIND_IS_NATIVE_ONLY", "-D_LIBUNWIND_USE_DLADDR=0"),
    *("-fvisibility=hidden", "-funwind-tables", "-ffunction-sections"),
    # The name that bionic has for musl's.
    "-D__errno_location=__errno",
]
