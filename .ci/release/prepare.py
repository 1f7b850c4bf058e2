"""Writes a version everywhere, once it is known that it may be released."""

from __future__ import annotations

import changelog
import check
import stamp
from places import PLACES
from repository import Repository, demanded
from version import Version


def prepare(repository: Repository, text: str, day: str, *, first: bool) -> list[str]:
    """Write a version; gives back the files. ValueError says why it may not be released."""
    new, old = Version.of(text), Version.of(check.current(repository))
    if changed := repository.changed():
        raise ValueError("the tree is dirty:\n  " + "\n  ".join(changed))
    if wrong := check.faults(repository):
        raise ValueError("the versions differ as they are:\n  " + "\n  ".join(wrong))
    tag = repository.last_tag()
    _is_next(repository, new, old, tag, first)
    log = changelog.released(repository.text(changelog.FILE) or "", text, day)
    if tag is None:
        print("no tag v*: nothing has been released, so the spec demands nothing")
    else:
        _is_bump_enough(repository, new, tag)
    return _write(repository, {changelog.FILE: log}, text, day)


def _is_next(
    repository: Repository, new: Version, old: Version, tag: str | None, first: bool
) -> None:
    newest = changelog.newest(repository.text(changelog.FILE) or "")
    is_released = tag is not None or newest is not None
    if first and is_released:
        raise ValueError(f"--first: {tag or (newest and newest.version)} has been released")
    if new == old and first:
        return
    if new <= old:
        hint = "" if is_released or new != old else "; it was never released: add --first"
        raise ValueError(f"{new} is not greater than {old}{hint}")


def _is_bump_enough(repository: Repository, new: Version, tag: str) -> None:
    last = Version.of(tag.removeprefix("v"))
    bump, why = demanded(repository.spec_changes(tag))
    if not last.admits(bump, new):
        raise ValueError(
            f"the spec demands {last.least(bump)} or more after {tag}, not {new}:\n  "
            + "\n  ".join(why)
        )
    print(f"since {tag} the spec demands {last.least(bump)} or more")


def _write(repository: Repository, texts: dict[str, str], version: str, day: str) -> list[str]:
    for place in PLACES:
        text = texts.get(place.file) or repository.text(place.file) or ""
        texts[place.file] = place.written(text, version)
    texts[stamp.FILE] = stamp.written(repository.text(stamp.FILE) or "", day)
    files = [file for file, text in texts.items() if text != repository.text(file)]
    for file in files:
        repository.write(file, texts[file])
    return sorted(files)
