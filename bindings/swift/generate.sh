#!/usr/bin/env bash
# Generates the Swift sources and headers from the built library and lays everything where
# Package.swift expects it.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
package=bindings/swift

cargo build --locked --package idcard-ffi --profile library --features tools
cargo build --locked --package idcard-ffi --features bindgen,tools --bin uniffi-bindgen
case "$(uname -s)" in
Darwin) library=libidcard_verification_ffi.dylib ;;
*) library=libidcard_verification_ffi.so ;;
esac

generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT
"$target/debug/uniffi-bindgen" generate "$target/library/$library" --language swift --no-format \
    --config bindings/uniffi.toml --out-dir "$generated"
TARGET_LIBRARY="$target/library/$library" bash bindings/swift/lay.sh "$generated" "$package"
