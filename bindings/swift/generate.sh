#!/usr/bin/env bash
# Generates the Swift sources and headers from the built library and lays everything where
# Package.swift expects it.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
package=bindings/swift
sources="$package/Sources"

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
rm -rf "$package/.library" "$sources/IdCardTools"
mkdir -p "$package/.library" "$sources/IdCardTools"
cp "$target/library/$library" "$package/.library/"
for module in IdCardVerification IdCardTools; do
    cp "$generated/$module.swift" "$sources/$module/"
    # The tools take a transport of the library, which the generated file does not import.
    if [ "$module" = IdCardTools ]; then
        sed -i.bak '1i\
import IdCardVerification
' "$sources/$module/$module.swift" && rm "$sources/$module/$module.swift.bak"
    fi
    rm -rf "$sources/${module}FFI"
    mkdir -p "$sources/${module}FFI"
    cp "$generated/${module}FFI.h" "$sources/${module}FFI/"
    # The generated map names modules of Apple's toolchain; this one works on Linux too.
    printf 'module %sFFI {\n    header "%sFFI.h"\n    link "idcard_verification_ffi"\n    export *\n}\n' \
        "$module" "$module" >"$sources/${module}FFI/module.modulemap"
done
