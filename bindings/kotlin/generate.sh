#!/usr/bin/env bash
# Generates the Kotlin sources from the built library and lays the library where the jar takes it
# from: bindings/kotlin/target/generated.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
generated=bindings/kotlin/target/generated

cargo build --locked --package idcard-ffi --profile library --features tools
cargo build --locked --package idcard-ffi --features bindgen,tools --bin uniffi-bindgen
case "$(uname -s)" in
Darwin) library=libidcard_verification_ffi.dylib os=darwin ;;
*) library=libidcard_verification_ffi.so os=linux ;;
esac
case "$(uname -m)" in
x86_64) platform=$os-x86-64 ;;
*) platform=$os-aarch64 ;;
esac

rm -rf "$generated"
mkdir -p "$generated/kotlin" "$generated/native/$platform"
"$target/debug/uniffi-bindgen" generate "$target/library/$library" --language kotlin --no-format \
    --config bindings/uniffi.toml --out-dir "$generated/kotlin"
cp "$target/library/$library" "$generated/native/$platform/"
# The metadata for uniffi-bindgen lies in the symbols, which nobody needs from here on.
if [ "$os" = linux ]; then strip "$generated/native/$platform/$library"; fi
