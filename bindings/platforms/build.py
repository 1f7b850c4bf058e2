"""Builds the library of a platform into `target/native/PLATFORM`.

The library of a phone has no C in it, so cargo alone makes a static library, and the platform's own
linker, or LLVM's against stubs, makes the dynamic one: with an export list of ours, which cargo's
own for a dynamic library cannot be narrowed by. Elsewhere zig is the C compiler and the linker.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import android
import apple
from table import NAME, Platform
from toolchain import Missing, has_std, has_xcode, is_native, need_std_source, run, target_folder

# Which says that a file is a proof that the platform links, and nothing to ship.
MARK = "NOT-SHIPPABLE"


def build(platform: Platform, *, quick: bool = False, worker: str = "a") -> Path:
    """Builds the library, and says where it is. A quick build is not optimised."""
    folder = target_folder() / "native" / platform.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    profile = "gate" if quick else "library"
    library = folder / platform.library
    if platform.is_phone:
        archive = _archive(platform, profile, worker)
        link = android.link if platform.kind == "android" else apple.link
        link(platform, archive, library)
    elif platform.kind == "macos":
        shutil.copy2(_on_a_mac(platform, profile, worker), library)
    else:
        shutil.copy2(_with_zig(platform, profile, worker), library)
    if quick or not is_native(platform):
        why = "not optimised" if quick else "linked without the platform's own toolchain"
        (folder / MARK).write_text(f"A proof that the library links: {why}.\n", encoding="utf-8")
    return library


def with_symbols(platform: Platform, worker: str) -> Path:
    """Links an Android library again, with its symbols, to look at what it is made of."""
    archive = _built(platform, "library", worker, f"lib{NAME}.a")
    library = target_folder() / "platforms" / "with-symbols" / platform.library
    library.parent.mkdir(parents=True, exist_ok=True)
    android.link(platform, archive, library, symbols=True)
    return library


def _arguments(platform: Platform, profile: str, worker: str) -> list[str]:
    # Two workers build at a time, and cargo lets one build into a folder.
    folder = target_folder() / "platforms" / worker
    return [
        *("--quiet", "--locked", "--package", "idcard-ffi", "--lib"),
        *("--profile", profile, "--target-dir", str(folder)),
    ]


FOR_WHEELS = ("--features", "bulk")
"""Wheels have files of people. Jars have the same libraries, and leave that unused."""


def _built(platform: Platform, profile: str, worker: str, file: str) -> Path:
    return target_folder() / "platforms" / worker / platform.triple / profile / file


def _archive(platform: Platform, profile: str, worker: str) -> Path:
    """The static library of a phone. The features are those of `IDCARD_FEATURES`, or none."""
    arguments = _arguments(platform, profile, worker)
    environment = apple.environment(platform) if platform.kind == "apple" else {}
    std: list[str] = []
    if os.environ.get("IDCARD_STD") != "prebuilt" or not has_std(platform.triple):
        # std without what prints backtraces, which in a stripped library are numbers, and in this
        # one a quarter of it. A stable compiler takes the flag with this variable alone.
        need_std_source()
        environment["RUSTC_BOOTSTRAP"] = "1"
        std = ["-Zbuild-std=std,panic_unwind", "-Zbuild-std-features=optimize_for_size"]
    features = os.environ.get("IDCARD_FEATURES", "")
    run(
        *("cargo", "rustc", *arguments, "--target", platform.triple, *std),
        *("--no-default-features", "--features", features, "--crate-type", "staticlib"),
        env=environment,
    )
    return _built(platform, profile, worker, f"lib{NAME}.a")


def _on_a_mac(platform: Platform, profile: str, worker: str) -> Path:
    """The library with its own HTTP stack, which takes the certificates of the system."""
    if not has_xcode():
        raise Missing(f"{platform.name} takes Xcode")
    if not has_std(platform.triple):
        raise Missing(f"rustup has no standard library for {platform.triple}")
    run(
        *("cargo", "build", *_arguments(platform, profile, worker), "--target", platform.triple),
        *FOR_WHEELS,
        env={"MACOSX_DEPLOYMENT_TARGET": platform.minimum},
    )
    return _built(platform, profile, worker, platform.library)


def _with_zig(platform: Platform, profile: str, worker: str) -> Path:
    """The library with its own HTTP stack, for the glibc that the platform names."""
    if not has_std(platform.triple):
        raise Missing(f"rustup has no standard library for {platform.triple}")
    glibc = (
        f".{platform.minimum}"
        if platform.triple.endswith("-gnu") and platform.kind == "linux"
        else ""
    )
    # musl links statically by itself, and then there is no dynamic library.
    flags = "-C target-feature=-crt-static" if "musl" in platform.triple else ""
    run(
        *("cargo", "zigbuild", *_arguments(platform, profile, worker)),
        *("--target", platform.triple + glibc, *FOR_WHEELS),
        env={
            "RUSTFLAGS": flags,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
    )
    return _built(platform, profile, worker, platform.library)
