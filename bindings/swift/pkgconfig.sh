#!/usr/bin/env bash
# Writes the files by which pkg-config, and SwiftPM with it, find the libraries in a folder.
#
#   pkgconfig.sh LIBRARIES FOLDER
set -euo pipefail
libraries=$1 folder=$2
version=$(sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"/\1/p' "$(dirname "$0")/../../Cargo.toml")
write() { # name, library, description
    printf '%s\n' "libdir=$libraries" '' "Name: $1" "Description: $3" "Version: $version" "Libs: -L\${libdir} -l$2" \
        >"$folder/$1.pc"
}
write idcard-verification idcard_verification_ffi "Verifies a Chinese identity-card number against a name"
write idcard-verification-tools idcard_verification_tools "The sandbox of idcard-verification, for tests"
