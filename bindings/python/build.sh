#!/usr/bin/env bash
# Builds the wheel, and that of the tools, into target/wheels, with tools in an environment of their own.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
wheels="$target/wheels"
tools="$target/python-tools"

[ -x "$tools/bin/pyright" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet 'maturin>=1.10,<2' mypy 'pyright[nodejs]' ruff; }
cargo run --quiet --locked --package idcard-spec --features cli -- python bindings/python/idcard_verification
rm -rf "$wheels" "$target/maturin"
for package in bindings/python bindings/python/tools; do
    (cd "$package" && "$tools/bin/maturin" build --locked --out "$wheels" --auditwheel=skip)
done
