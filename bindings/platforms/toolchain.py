"""What building for another platform needs: an own environment of Python with zig and a reader of
binaries, the standard library of the target, an NDK or Xcode where there is one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from table import REPOSITORY, Platform


class Missing(Exception):
    """A tool that is not there and cannot be had."""


def target_folder() -> Path:
    """Cargo's target folder."""
    return Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Runs a command, whose failure is an error."""
    done = subprocess.run(command, env={**os.environ, **(env or {})}, cwd=REPOSITORY)
    if done.returncode != 0:
        raise Missing(f"failed with {done.returncode}: {' '.join(map(str, command))}")


def output(*command: str | Path) -> str:
    """What a command prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return done.stdout.strip()


@cache
def sysroot() -> Path:
    """The folder of the Rust toolchain."""
    return Path(output("rustc", "--print", "sysroot"))


@cache
def linker() -> Path:
    """LLVM's linker, which comes with Rust."""
    host = next(
        line.removeprefix("host: ")
        for line in output("rustc", "-vV").splitlines()
        if line.startswith("host: ")
    )
    return sysroot() / "lib" / "rustlib" / host / "bin" / "rust-lld"


def has_std(triple: str) -> bool:
    """Whether the standard library of a target is there, or rustup brings it."""
    if (sysroot() / "lib" / "rustlib" / triple / "lib").is_dir():
        return True
    return subprocess.run(["rustup", "target", "add", triple], capture_output=True).returncode == 0


def need_std_source() -> None:
    """Sees to the sources of the standard library."""
    if (sysroot() / "lib/rustlib/src/rust/library/std").is_dir():
        return
    run("rustup", "component", "add", "rust-src")


@cache
def generated() -> Path:
    """The header, and the Swift source, generated from the library of this machine."""
    run("bash", "bindings/build.sh")
    built = target_folder() / "debug"
    found = [
        *built.glob("libidcard_verification_ffi.so"),
        *built.glob("libidcard_verification_ffi.dylib"),
    ]
    folder = target_folder() / "platforms" / "generated"
    run(
        *(built / "uniffi-bindgen", "generate", found[0], "--language", "swift", "--no-format"),
        *("--config", "bindings/uniffi.toml", "--out-dir", folder),
    )
    return folder


def zig() -> list[str]:
    """The command of zig, whose C libraries are those of Linux, Windows and macOS."""
    return [sys.executable, "-m", "ziglang"]


@cache
def zig_folder() -> Path:
    """Where zig keeps its C libraries and the unwinder of LLVM."""
    import ziglang  # type: ignore[import-untyped]

    return Path(ziglang.__file__).parent / "lib"


def ndk() -> Path | None:
    """The compilers of Android's NDK, where there is one."""
    for variable in ("ANDROID_NDK_HOME", "ANDROID_NDK_ROOT", "ANDROID_NDK"):
        if folder := os.environ.get(variable):
            found = sorted(Path(folder).glob("toolchains/llvm/prebuilt/*/bin"))
            if not found:
                raise Missing(f"{variable} is {folder}, which is no NDK")
            return found[0]
    return None


@cache
def has_xcode() -> bool:
    """Whether this is a Mac with Xcode."""
    if sys.platform != "darwin":
        return False
    done = subprocess.run(["xcrun", "--sdk", "iphoneos", "--show-sdk-path"], capture_output=True)
    return done.returncode == 0


def is_native(platform: Platform) -> bool:
    """Whether the toolchain that makes files to ship for the platform is here."""
    if platform.kind == "android":
        return ndk() is not None
    if platform.kind in {"apple", "macos"}:
        return has_xcode()
    return platform.kind == "linux" or sys.platform == "win32"
