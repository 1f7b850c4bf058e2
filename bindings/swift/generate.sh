#!/usr/bin/env bash
# Generates the Swift sources and headers from the built library and lays everything where
# Package.swift expects it.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
package=bindings/swift

bash bindings/build.sh --profile library
case "$(uname -s)" in
Darwin) extension=dylib ;;
*) extension=so ;;
esac

generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT
for name in ffi tools; do
    "$target/debug/uniffi-bindgen" generate "$target/library/libidcard_verification_$name.$extension" \
        --language swift --no-format --config bindings/uniffi.toml --out-dir "$generated/$name"
done
bash bindings/swift/lay.sh "$generated" "$package" "$target/library" "$extension"
