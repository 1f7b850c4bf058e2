#!/usr/bin/env bash
# Runs `sbom` or `sboms` of the release tool, with cargo-cyclonedx installed where it is missing.
set -euo pipefail
cargo cyclonedx --version >/dev/null 2>&1 || cargo install --quiet --locked cargo-cyclonedx@0.5.9
# The same commit gives the same file.
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
python3 "$(dirname "$0")" "$@"
