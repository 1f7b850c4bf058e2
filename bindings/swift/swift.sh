#!/usr/bin/env bash
# Runs `swift ARGUMENTS` in the folder given first: the one on PATH or, on a Debian-like Linux
# without it and as root, that of Debian 13 in a folder of its own, which is set up once and kept in
# the user's cache. Of libraries that lie in the folder, SwiftPM and the loader are told.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$1" && pwd)
shift
if [ -d "$folder/.library/lib" ]; then
    export PKG_CONFIG_PATH="$folder/.library/lib/pkgconfig" LD_LIBRARY_PATH="$folder/.library/lib"
fi
if command -v swift >/dev/null 2>&1; then
    cd "$folder"
    exec swift "$@"
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "swift is not on PATH, and it can be set up here only by root on Debian or its like" >&2
    exit 1
fi

cache="${XDG_CACHE_HOME:-$HOME/.cache}/idcard-verification"
root="$cache/swift-root"
# With git, by which SwiftPM takes a dependency.
if [ ! -e "$root/.ready" ] || [ ! -e "$root/usr/bin/git" ]; then
    echo "setting up Swift in $root (some minutes, 3 GB)" >&2
    {
        command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -qq -y debootstrap; }
        mirror=$(bash "$here/../debian-mirror.sh")
        mkdir -p "$cache"
        if [ ! -e "$root/usr/bin/swift" ] || [ ! -e "$root/usr/bin/git" ]; then
            if [ ! -e "$root/.ready" ]; then
                rm -rf "$root"
                debootstrap --variant=minbase trixie "$root" ${mirror:+"$mirror"}
            fi
            unshare --mount bash -c 'mount -t proc proc "$1/proc" && chroot "$1" apt-get update -qq && chroot "$1" apt-get install -y \
                --no-install-recommends swiftlang libc6-dev gcc ca-certificates git && chroot "$1" apt-get clean' _ "$root"
        fi
        touch "$root/.ready"
    } >&2
fi

# The repository and the build folder are seen inside at the same paths.
top=$(git -C "$folder" rev-parse --show-toplevel 2>/dev/null || echo "$folder")
exec unshare --mount bash -c '
    set -euo pipefail
    root=$1 folder=$2 top=$3 extra=$4
    shift 4
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    for path in "$top" "$folder" $extra; do
        mkdir -p "$root$path"
        mount --bind "$path" "$root$path"
    done
    exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 \
        ${SCENARIOS:+SCENARIOS="$SCENARIOS"} ${BENCH_URL:+BENCH_URL="$BENCH_URL"} \
        ${PKG_CONFIG_PATH:+PKG_CONFIG_PATH="$PKG_CONFIG_PATH"} \
        ${LD_LIBRARY_PATH:+LD_LIBRARY_PATH="$LD_LIBRARY_PATH"} bash -c "cd \"\$0\" && exec swift \"\$@\"" "$folder" "$@"
' _ "$root" "$folder" "$top" "${SWIFT_MOUNTS:-}" "$@"
