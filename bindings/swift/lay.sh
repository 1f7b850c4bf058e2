#!/usr/bin/env bash
# Lays generated sources and headers, and the library that TARGET_LIBRARY names, where Package.swift
# expects them.
#
#   lay.sh GENERATED PACKAGE
set -euo pipefail
generated=$1 package=$2
sources="$package/Sources"
rm -rf "$package/.library" "$sources/IdCardTools"
mkdir -p "$package/.library" "$sources/IdCardTools"
cp "$TARGET_LIBRARY" "$package/.library/"
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
