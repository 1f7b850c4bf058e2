"""The checksums of the files in a folder, as `sha256sum --check` reads them."""

from __future__ import annotations

import hashlib
from pathlib import Path

NAME = "SHA256SUMS"


def write(folder: Path) -> int:
    """Write the file; gives back how many lines it has. The order is that of the names' bytes."""
    names = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path != folder / NAME
    }
    if not names:
        raise ValueError(f"{folder} has no files")
    lines = [f"{_digest(names[name])}  {name}\n" for name in sorted(names, key=str.encode)]
    (folder / NAME).write_bytes("".join(lines).encode("utf-8"))
    return len(lines)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
