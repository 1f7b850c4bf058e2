"""What is released, side by side in one folder."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import zipfile
from pathlib import Path

_MAVEN = (".pom", ".jar", ".aar")
# The earliest that a zip can hold, so that the same files give the same archive.
_DAY = (1980, 1, 1, 0, 0, 0)


def collect(source: Path, folder: Path) -> list[str]:
    """Copy what is published out of a Maven repository; gives back the names."""
    files = sorted(path for path in source.rglob("*") if path.suffix in _MAVEN)
    if not files:
        raise ValueError(f"{source} has no artefacts of Maven")
    names = [path.name for path in files]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{source} has several versions: {', '.join(sorted(twice))}")
    if proofs := [name for name in names if "-gate." in name]:
        raise ValueError(f"{', '.join(proofs)} is a proof that the library links, and not to ship")
    folder.mkdir(parents=True, exist_ok=True)
    for path in files:
        shutil.copyfile(path, folder / path.name)
    return names


def archive(root: Path, version: str, target: str, folder: Path) -> Path:
    """Pack the command that was built for a target, with its licence and its page."""
    built = Path(os.environ.get("CARGO_TARGET_DIR") or root / "target") / target / "release"
    is_windows = "-windows-" in target
    program = built / ("idcard-verify.exe" if is_windows else "idcard-verify")
    if not program.is_file():
        raise ValueError(f"{program} has not been built")
    name = f"idcard-verify-{version}-{target}"
    members = {
        f"{name}/{program.name}": (program, 0o755),
        f"{name}/LICENSE": (root / "LICENSE", 0o644),
        f"{name}/README.md": (root / "bindings/cli/README.md", 0o644),
    }
    folder.mkdir(parents=True, exist_ok=True)
    packed = folder / (f"{name}.zip" if is_windows else f"{name}.tar.gz")
    packed.write_bytes(_zip(members) if is_windows else _tar(members))
    return packed


def _zip(members: dict[str, tuple[Path, int]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, (path, mode) in members.items():
            entry = zipfile.ZipInfo(name, _DAY)
            entry.external_attr = mode << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _tar(members: dict[str, tuple[Path, int]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        for name, (path, mode) in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = path.stat().st_size, mode
            packed.addfile(entry, io.BytesIO(path.read_bytes()))
    return gzip.compress(out.getvalue(), mtime=0)
