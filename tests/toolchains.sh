#!/usr/bin/env bash
# Installs what the tests of a language need and the machine lacks, where that can be done: by
# rustup, or as root on Debian and its like. Otherwise it says what is missing, which is a failure.
set -euo pipefail

apt_install() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "missing: $*. Install it and run again." >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

need_python() {
    python3 -c 'import sys, venv, ensurepip; assert sys.version_info >= (3, 11)' 2>/dev/null ||
        apt_install python3 python3-venv
}

case "$1" in
lint | rust)
    cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
    cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
    # The release tool, and zizmor.
    [ "$1" = rust ] || need_python
    ;;
python)
    need_python
    ;;
platforms)
    need_python
    # The jar of another platform is called from Java.
    command -v javac >/dev/null 2>&1 || apt_install default-jdk-headless
    ;;
kotlin | android)
    command -v javac >/dev/null 2>&1 || apt_install default-jdk-headless
    command -v mvn >/dev/null 2>&1 || apt_install maven
    [ "$1" = kotlin ] || need_python
    ;;
fuzz)
    # libFuzzer is C++.
    command -v c++ >/dev/null 2>&1 || apt_install g++
    ;;
swift)
    # bindings/swift/swift.sh sets Swift up where it is not on PATH.
    true
    ;;
esac
