#!/usr/bin/env bash
# Runs `bindings/platforms` in an environment of Python that has zig and a reader of binaries.
set -euo pipefail
cd "$(dirname "$0")/.."
tools="${CARGO_TARGET_DIR:-$PWD/target}/platform-tools"
wanted='ziglang==0.16.0 cargo-zigbuild==0.24.1 lief==1.0.0 wheel==0.45.1'
if [ "$(cat "$tools/.wanted" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    # shellcheck disable=SC2086 # several words
    "$tools"/[bS]*/pip install --quiet $wanted
    echo "$wanted" >"$tools/.wanted"
fi
# `bin`, and `Scripts` on Windows.
exec "$tools"/[bS]*/python bindings/platforms "$@"
