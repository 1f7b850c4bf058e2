#!/usr/bin/env bash
# Packs the source distribution into target/wheels/release; `build.sh` has set up the tools.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
tools="$target/python-tools"
[ -x "$tools/bin/maturin" ] || { echo "run \`cargo make python-wheel\` first" >&2; exit 1; }
cargo run --quiet --locked --package idcard-spec --features cli -- python bindings/python/idcard_verification
rm -f "$target"/wheels/release/*.tar.gz
cd bindings/python
"$tools/bin/maturin" sdist --out "$target/wheels/release"
