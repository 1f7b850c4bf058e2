#!/usr/bin/env bash
# Lays the package out as a repository of its own, which SwiftPM takes by its URL: with the generated
# sources, without history. SwiftPM copies the whole history of a dependency, and looks for Package.swift
# at its top. Run `cargo make swift-package` first; the folder's own `.git` is left alone.
#
#   repository.sh FOLDER [URL CHECKSUM]     of the XCFramework of a release
set -euo pipefail
folder=$1 url=${2:-} checksum=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
[ -f "$here/Sources/IdCardVerification/IdCardVerification.swift" ] ||
    { echo "run \`cargo make swift-package\` first" >&2; exit 1; }
mkdir -p "$folder/Sources"
rm -rf "${folder:?}"/Sources/* "$folder/Package.swift" "$folder/README.md" "$folder/LICENSE"
for module in IdCardVerification IdCardVerificationFFI IdCardTools IdCardToolsFFI; do
    cp -r "$here/Sources/$module" "$folder/Sources/"
done
cp "$here/README.md" "$here/../../LICENSE" "$folder/"
# The tests and the examples stay in the repository of the sources.
sed -E -e '/\.executable\(/d' -e '/\.(executableTarget|testTarget)\(/,/^        \),/d' "$here/Package.swift" |
    if [ -n "$url" ]; then
        sed "s|^let release: .*|let release: (url: String, checksum: String)? = (\n    \"$url\",\n    \"$checksum\"\n)|"
    else
        cat
    fi >"$folder/Package.swift"
