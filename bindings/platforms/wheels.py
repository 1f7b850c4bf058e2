"""Makes the wheels of other platforms of the one that was built here: the sources are the same, the
library and the tag are not. A wheel is for every Python, because ctypes loads the library.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from table import NAME, Platform
from toolchain import Missing, run


def wheel(base: Path, platform: Platform, library: Path, folder: Path) -> Path:
    """Makes the wheel of a platform."""
    with TemporaryDirectory() as name:
        work = Path(name)
        tool = (sys.executable, "-m", "wheel")
        run(*tool, "unpack", "--dest", work, base)
        (unpacked,) = work.iterdir()
        native = unpacked / "idcard_verification" / "_native"
        for other in native.glob(f"*{NAME}.*"):
            other.unlink()
        shutil.copy2(library, native / platform.library)
        packed = work / "packed"
        packed.mkdir()
        run(*tool, "pack", "--dest-dir", packed, unpacked)
        (one,) = packed.iterdir()
        run(*tool, "tags", "--remove", "--platform-tag", platform.wheel, one)
        (made,) = packed.iterdir()
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(made, folder / made.name))


def collect(wheels: Path, folder: Path) -> list[Path]:
    """Takes what was built on this machine as it is, where that is no Linux.

    There a wheel has to name the oldest C library that it runs with.
    """
    built = [] if sys.platform == "linux" else sorted(wheels.glob("*.whl"))
    return [Path(shutil.copy2(one, folder / one.name)) for one in built]


def base_wheel(folder: Path) -> Path:
    """The wheel that was built on this machine."""
    found = sorted(folder.glob("idcard_verification-*.whl"))
    if not found:
        raise Missing(f"{folder} has no wheel: run `cargo make python-wheel` first")
    return found[0]
