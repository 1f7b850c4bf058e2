"""Whether every place has the same version, and every version has its place."""

from __future__ import annotations

from collections.abc import Iterator

import changelog
import stamp
from places import DEPENDENCIES, PLACES, SOURCE, Found, versions
from repository import Repository


def current(repository: Repository) -> str:
    """The version of the repository."""
    found = SOURCE.found(repository.text(SOURCE.file) or "")
    if len(found) != 1:
        raise ValueError(f"{SOURCE.file} has no version of the workspace")
    return found[0].version


def faults(repository: Repository, tag: str | None = None) -> list[str]:
    """What is wrong, a line each; with a tag, also whether that is the version's."""
    version = current(repository)
    return [
        *_tag(repository, version, tag),
        *_places(repository, version),
        *_unlisted(repository),
        *_days(repository, version),
    ]


def _tag(repository: Repository, version: str, tag: str | None) -> Iterator[str]:
    if tag is None:
        return
    newest = changelog.newest(repository.text(changelog.FILE) or "")
    if tag != f"v{version}":
        yield f"the tag is {tag}, not v{version}"
    if newest is None:
        yield f"{changelog.FILE} has no release"


def _places(repository: Repository, version: str) -> Iterator[str]:
    for place in PLACES:
        text = repository.text(place.file)
        if text is None:
            yield f"{place.file} is gone; it is listed as a place of the version"
            continue
        found = place.found(text)
        if not place.is_there(found):
            expected = place.times or "at least one"
            yield f"{place.file} has {len(found)} versions, not {expected}, by {place.pattern!r}"
        for one in found:
            if one.version != version:
                yield f"{place.file}:{one.line(text)} has {one.version}, not {version}"


def _unlisted(repository: Repository) -> Iterator[str]:
    for file in repository.tracked():
        text = repository.text(file)
        # What the log tells of older versions stays.
        if text is None or file == changelog.FILE:
            continue
        listed = {one for place in PLACES if place.file == file for one in place.found(text)}
        for kind, pattern in DEPENDENCIES.items():
            for one in _others(pattern, text, listed):
                yield (
                    f"{file}:{one.line(text)} has {one.version} in a {kind} line, "
                    "and is not listed in .ci/release/places.py"
                )


def _others(pattern: str, text: str, listed: set[Found]) -> list[Found]:
    return [one for one in versions(pattern, text) if one not in listed]


def _days(repository: Repository, version: str) -> Iterator[str]:
    newest = changelog.newest(repository.text(changelog.FILE) or "")
    day = stamp.day(repository.text(stamp.FILE) or "")
    if newest is not None and newest.version != version:
        yield f"{changelog.FILE} has {newest.version} as its newest release, not {version}"
    if day is None:
        yield f"{stamp.FILE} has no RELEASED; it is listed as the day of the version"
    elif newest is not None and day < newest.day:
        yield f"{stamp.FILE} has {day} as the day of the version, before {newest.day}"
