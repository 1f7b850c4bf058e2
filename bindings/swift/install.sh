#!/usr/bin/env bash
# Installs the libraries that `cargo make swift-package` has built, for SwiftPM to find by pkg-config.
#
#   install.sh [PREFIX]     /usr/local by itself
set -euo pipefail
prefix=${1:-/usr/local}
here=$(cd "$(dirname "$0")" && pwd)
[ -d "$here/.library/lib" ] || { echo "run \`cargo make swift-package\` first" >&2; exit 1; }
mkdir -p "$prefix/lib/pkgconfig"
lib=$(cd "$prefix/lib" && pwd)
for library in "$here"/.library/lib/lib*; do install -m 644 "$library" "$lib/"; done
bash "$here/pkgconfig.sh" "$lib" "$lib/pkgconfig"
# The system's loader looks into /usr/local/lib; into another folder it does with LD_LIBRARY_PATH.
if [ "$(id -u)" -eq 0 ] && command -v ldconfig >/dev/null 2>&1; then ldconfig; fi
echo "installed into $lib; elsewhere than /usr/local set PKG_CONFIG_PATH=$lib/pkgconfig and LD_LIBRARY_PATH=$lib"
