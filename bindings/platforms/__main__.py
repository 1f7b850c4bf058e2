"""The library on other platforms: `python bindings/platforms COMMAND`, by `bindings/platforms.sh`.

list                    the platforms
build [--quick] NAME... build them into target/native; without a name, all that can be built here
read NAME...            say what is wrong with them; without a name, with all that were built
xcframework [--built]   make the XCFramework, of what was built already; and read it back
size NAME BYTES         compare a library with its budget, and say what an Android one is made of
wheels                  make the wheels of what was built, in target/wheels/release
natives FOLDER          lay out what was built as a jar has it
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import binary
import build as builder
import sizes
import wheels
import xcframework
import xcframework_reader
from table import Platform, platforms
from toolchain import Missing, generated, has_xcode, target_folder


def main() -> int:
    """Runs a command."""
    parser = argparse.ArgumentParser(prog="platforms", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the platforms")
    build = commands.add_parser("build", help="build the library for platforms")
    build.add_argument(
        "--quick", action="store_true", help="without optimising: to see that it links"
    )
    build.add_argument("names", nargs="*", metavar="PLATFORM")
    read = commands.add_parser("read", help="say what is wrong with what was built")
    read.add_argument("names", nargs="*", metavar="PLATFORM")
    xcframework = commands.add_parser("xcframework", help="make the XCFramework and read it back")
    xcframework.add_argument("--built", action="store_true", help="of what was built already")
    size = commands.add_parser("size", help="compare a library with its budget")
    size.add_argument("name", metavar="PLATFORM")
    size.add_argument("budget", type=int, metavar="BYTES")
    commands.add_parser("wheels", help="make the wheels of what was built")
    natives = commands.add_parser("natives", help="lay out what was built as a jar has it")
    natives.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "list":
                return _list()
            case "read":
                return _read(arguments.names)
            case "xcframework":
                return _xcframework(arguments.built)
            case "size":
                return _size(arguments.name, arguments.budget)
            case "wheels":
                return _wheels()
            case "natives":
                return _natives(arguments.folder)
            case _:
                return _build(arguments.names, arguments.quick)
    except Missing as missing:
        print(f"platforms: {missing}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        print(f"platforms: {failed}\n{failed.stderr}", file=sys.stderr)
        return 1


def _list() -> int:
    for platform in platforms().values():
        print(f"{platform.name:22} {platform.triple:28} {platform.minimum}")
    return 0


def _build(names: list[str], quick: bool) -> int:
    known = platforms()
    wanted = _named(names) or [
        platform for platform in known.values() if platform.kind != "macos" or has_xcode()
    ]
    # The last step of a build runs on one core.
    halves = [[one for one in wanted if _worker(one) == worker] for worker in WORKERS]
    with ThreadPoolExecutor(len(WORKERS)) as pool:
        done = pool.map(_build_all, WORKERS, halves, [quick] * len(WORKERS))
        return max(done)


WORKERS = ("a", "b")


def _worker(platform: Platform) -> str:
    """Who builds a platform: always the same, whose folder has its dependencies."""
    return WORKERS[list(platforms()).index(platform.name) % len(WORKERS)]


def _named(names: list[str]) -> list[Platform]:
    known = platforms()
    if unknown := [name for name in names if name not in known]:
        raise Missing(f"no platform {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names]


def _read(names: list[str]) -> int:
    required = binary.functions(generated() / "IdCardVerificationFFI.h")
    folder = target_folder() / "native"
    wanted = _named(names) or [p for p in platforms().values() if (folder / p.name).is_dir()]
    status = 0
    for platform in wanted:
        faults = binary.faults(folder / platform.name / platform.library, platform, required)
        print(f"{platform.name}: {'; '.join(faults) or 'good'}")
        status |= bool(faults)
    return status


def _shippable() -> list[tuple[Platform, Path]]:
    """What was built and may be shipped."""
    native = target_folder() / "native"
    found = [
        (platform, native / platform.name / platform.library) for platform in platforms().values()
    ]
    return [
        (platform, library)
        for platform, library in found
        if library.is_file() and not (library.parent / builder.MARK).exists()
    ]


def _wheels() -> int:
    folder = target_folder() / "wheels"
    base = wheels.base_wheel(folder)
    release = folder / "release"
    shutil.rmtree(release, ignore_errors=True)
    release.mkdir()
    made = wheels.collect(folder, release)
    made += [
        wheels.wheel(base, platform, library, release)
        for platform, library in _shippable()
        if platform.wheel
    ]
    for one in made:
        print(f"{one.name}: {one.stat().st_size} bytes")
    return 0


def _natives(folder: Path) -> int:
    for platform, library in _shippable():
        if platform.folder:
            place = folder / platform.folder
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library, place / platform.library)
            print(f"{platform.folder}/{platform.library}")
    return 0


def _size(name: str, budget: int) -> int:
    (platform,) = _named([name])
    library = target_folder() / "native" / name / platform.library
    if not library.is_file():
        raise Missing(f"not built yet: {name}")
    size = library.stat().st_size
    print(f"size {name}: {size} bytes, at most {budget}")
    if platform.kind == "android":
        crates = sizes.by_crate(builder.with_symbols(platform, _worker(platform)))
        for crate, bytes_of_code in crates.most_common(12):
            print(f"    {bytes_of_code:7} {crate}")
        print(f"    {crates.total():7} of code in all")
    return int(size > budget)


def _xcframework(built: bool) -> int:
    table = platforms()
    names = [name for names in xcframework.SLICES.values() for name in names]
    if not built:
        _build(names, quick=False)
    native = target_folder() / "native"
    libraries = {name: native / name / table[name].library for name in names}
    if missing := [name for name, library in libraries.items() if not library.is_file()]:
        raise Missing(f"not built yet: {', '.join(missing)}")
    header = generated() / "IdCardVerificationFFI.h"
    folder = target_folder() / "packages" / "IdCardVerificationFFI.xcframework"
    folder.parent.mkdir(exist_ok=True)
    xcframework.lay(folder, libraries, table, header)
    marks = [name for name in names if (native / name / builder.MARK).exists()]
    archive = folder.with_name(folder.name + ".zip")
    checksum = xcframework.pack(folder, archive)
    faults = xcframework_reader.faults(folder, table, binary.functions(header))
    print(f"{archive.name}: {archive.stat().st_size} bytes, checksum {checksum}")
    if marks:
        print(f"a proof of the layout and nothing to ship: {', '.join(marks)}")
    print("\n".join(faults) or "good")
    return bool(faults)


def _build_all(worker: str, wanted: list[Platform], quick: bool) -> int:
    for platform in wanted:
        library = builder.build(platform, quick=quick, worker=worker)
        mark = " (a proof that it links)" if (library.parent / builder.MARK).exists() else ""
        print(f"{platform.name}: {library.stat().st_size} bytes{mark}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
