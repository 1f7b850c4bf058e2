#!/usr/bin/env bash
# Builds what the foreign sources are generated from and by: the library, the tools beside it and the
# generator. The libraries are built apart, each with the features that it has.
#
#   build.sh [CARGO OPTION...]     options of the two libraries, such as --profile library
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --locked --package idcard-ffi --lib "$@"
cargo build --quiet --locked --package idcard-tools "$@"
cargo build --quiet --locked --package idcard-ffi --features bindgen --bin uniffi-bindgen
