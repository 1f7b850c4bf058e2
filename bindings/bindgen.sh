#!/usr/bin/env bash
# Generates the sources of the three foreign languages from the library as `cargo build` makes it,
# for reading and for snapshots; the packages are made from the one with the profile `library`.
#
#   bindgen.sh FOLDER
set -euo pipefail
folder=$1
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
rm -rf "$folder"
for name in ffi tools; do
    library=$(find "$target/debug" -maxdepth 1 -name "libidcard_verification_$name.so" -o \
        -maxdepth 1 -name "libidcard_verification_$name.dylib" | head -n 1)
    for language in kotlin swift python; do
        "$target/debug/uniffi-bindgen" generate "$library" --language "$language" --no-format \
            --config bindings/uniffi.toml --out-dir "$folder/$name/$language"
    done
done
