#!/usr/bin/env bash
# Generates the sources of the three foreign languages from the library as `cargo build` makes it,
# for reading and for snapshots; the packages are made from the one with the profile `library`.
#
#   bindgen.sh FOLDER
set -euo pipefail
folder=$1
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
library=$(find "$target/debug" -maxdepth 1 -name 'libidcard_verification_ffi.so' -o \
    -maxdepth 1 -name 'libidcard_verification_ffi.dylib' | head -n 1)
rm -rf "$folder"
for language in kotlin swift python; do
    "$target/debug/uniffi-bindgen" generate "$library" --language "$language" --no-format \
        --config bindings/uniffi.toml --out-dir "$folder/$language"
done
