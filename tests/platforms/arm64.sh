#!/usr/bin/env bash
# Sets up a Debian of ARM in a folder of the user's cache, with Python and a JVM, and an emulator in it,
# and prints the folder. Nothing in it is configured or started: the emulator runs one program.
set -euo pipefail
root="${XDG_CACHE_HOME:-$HOME/.cache}/idcard-verification/arm64-root"
if [ ! -e "$root/.ready" ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "missing: a Linux of ARM, which can be set up here only by root on Debian or its like" >&2
        exit 1
    fi
    {
        command -v debootstrap && command -v qemu-aarch64-static ||
            { apt-get update -qq && apt-get install -qq -y --no-install-recommends debootstrap qemu-user-static; }
        mirror=$(bash "$(dirname "$0")/../../bindings/debian-mirror.sh")
        rm -rf "$root"
        mkdir -p "$root"
        debootstrap --foreign --arch=arm64 --variant=minbase --include=python3,openjdk-17-jre-headless \
            bookworm "$root" ${mirror:+"$mirror"}
        for package in "$root"/var/cache/apt/archives/*.deb; do
            dpkg-deb --extract "$package" "$root"
            rm "$package"
        done
        cp "$(command -v qemu-aarch64-static)" "$root/emulator"
        touch "$root/.ready"
    } >&2
fi
echo "$root"
