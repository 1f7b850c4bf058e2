#!/usr/bin/env python3
"""One version for all packages.

    python3 .ci/release prepare VERSION [--date DAY] [--first]
    python3 .ci/release check [--tag TAG]
    python3 .ci/release collect REPOSITORY FOLDER
    python3 .ci/release archive TARGET FOLDER
    python3 .ci/release checksums FOLDER
    python3 .ci/release sbom PACKAGE FILE PLATFORM...
    python3 .ci/release sboms FOLDER

`prepare` writes a version wherever it stands and dates the change log; `check` compares all the
places, which are listed in places.py. The others are for what is released: `collect` copies it out
of a Maven repository, `archive` packs the command that was built for a target of Rust, `checksums`
writes FOLDER/SHA256SUMS, `sbom` what is inside the library of a crate, with cargo-cyclonedx, and
`sboms` that for each file of a folder.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime
from pathlib import Path
from subprocess import CalledProcessError

import check
import checksums
import packing
import prepare
import sbom
from places import PLACES
from repository import Repository


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="release", description="One version for all packages")
    commands = parser.add_subparsers(dest="command", required=True)
    preparing = commands.add_parser("prepare", help="write a version wherever it stands")
    preparing.add_argument("version", help="such as 0.2.0")
    preparing.add_argument("--date", help="day of the release, today in UTC when it is left out")
    preparing.add_argument(
        "--first", action="store_true", help="release the version as it stands, which never was"
    )
    checking = commands.add_parser("check", help="compare the places of the version")
    checking.add_argument("--tag", help="the tag that is being released, such as v0.2.0")
    summing = commands.add_parser("checksums", help="write SHA256SUMS of a folder")
    summing.add_argument("folder", type=Path)
    collecting = commands.add_parser("collect", help="copy what is published by Maven")
    collecting.add_argument("source", type=Path)
    collecting.add_argument("folder", type=Path)
    packing_up = commands.add_parser("archive", help="pack the command that was built")
    packing_up.add_argument("target", help="such as x86_64-unknown-linux-musl")
    packing_up.add_argument("folder", type=Path)
    billing = commands.add_parser("sbom", help="write the bill of materials of an artefact")
    billing.add_argument("package", help="such as idcard-ffi")
    billing.add_argument("file", type=Path, help="such as target/sbom/library.cdx.json")
    billing.add_argument("platform", nargs="+", help="such as linux-x86_64, or a target of Rust")
    all_bills = commands.add_parser("sboms", help="write FILE.cdx.json for each file of a folder")
    all_bills.add_argument("folder", type=Path)
    return parser.parse_args()


def _run(arguments: argparse.Namespace, repository: Repository) -> None:
    if arguments.command == "checksums":
        count = checksums.write(arguments.folder)
        print(f"{arguments.folder / checksums.NAME}: {count} files")
        return
    if arguments.command == "collect":
        print("\n".join(packing.collect(arguments.source, arguments.folder)))
        return
    if arguments.command == "archive":
        version, folder = check.current(repository), arguments.folder
        print(packing.archive(repository.root, version, arguments.target, folder))
        return
    if arguments.command == "sbom":
        named = (arguments.package, arguments.file, arguments.platform)
        print(f"{arguments.file}: {sbom.write(repository.root, *named)} crates")
        return
    if arguments.command == "sboms":
        print(json.dumps(sbom.write_all(repository.root, arguments.folder)))
        return
    if arguments.command == "check":
        if wrong := check.faults(repository, arguments.tag):
            raise ValueError("\n".join(wrong))
        count = len({place.file for place in PLACES})
        print(f"{check.current(repository)} in {len(PLACES)} places of {count} files")
        return
    today = arguments.date or datetime.now(UTC).date().isoformat()
    day = date.fromisoformat(today).isoformat()
    files = prepare.prepare(repository, arguments.version, day, first=arguments.first)
    if wrong := check.faults(repository):
        raise ValueError("\n".join(wrong))
    print("\n".join(files))
    version = arguments.version
    print(f"{version} is written; RELEASING.md says what comes next")


if __name__ == "__main__":
    try:
        _run(_arguments(), Repository(Path(__file__).resolve().parents[2]))
    except (ValueError, CalledProcessError) as error:
        raise SystemExit(f"release: {error}") from None
