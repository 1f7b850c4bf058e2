#!/usr/bin/env bash
# Lays generated sources and headers, and the libraries of a folder, where Package.swift and pkg-config
# find them.
#
#   lay.sh GENERATED PACKAGE LIBRARIES EXTENSION     GENERATED has the folders ffi and tools
set -euo pipefail
generated=$1 package=$2 libraries=$3 extension=$4
sources="$package/Sources"
rm -rf "$package/.library"
mkdir -p "$package/.library/lib/pkgconfig"
lib=$(cd "$package/.library/lib" && pwd)
for module in IdCardVerification IdCardTools; do
    case "$module" in
    IdCardTools) name=tools ;;
    *) name=ffi ;;
    esac
    library="idcard_verification_$name"
    cp "$generated/$name/$module.swift" "$sources/$module/"
    cp "$libraries/lib$library.$extension" "$lib/"
    rm -rf "$sources/${module}FFI"
    mkdir -p "$sources/${module}FFI"
    cp "$generated/$name/${module}FFI.h" "$sources/${module}FFI/"
    # The generated map names modules of Apple's toolchain; this one works on Linux too.
    printf 'module %sFFI {\n    header "%sFFI.h"\n    link "%s"\n    export *\n}\n' \
        "$module" "$module" "$library" >"$sources/${module}FFI/module.modulemap"
done
bash "$(dirname "$0")/pkgconfig.sh" "$lib" "$lib/pkgconfig"
