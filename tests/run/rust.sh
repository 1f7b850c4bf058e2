#!/usr/bin/env bash
# The tests of the Rust crates: unit, property, scenario, snapshot and documentation tests.
set -euo pipefail
# A snapshot that differs is a failure, never a new file.
INSTA_UPDATE=no exec cargo test --workspace --all-features --locked --no-fail-fast
