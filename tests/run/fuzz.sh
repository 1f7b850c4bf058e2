#!/usr/bin/env bash
# Fuzzes every target by libFuzzer, each for FUZZ_SECONDS (8), or the targets that are named. The
# corpus is kept beside the build; an input that fails lies in tests/fuzz/findings/TARGET, where
# the usual tests run it from then on. It needs a C++ compiler, for libFuzzer, and Linux.
set -euo pipefail
cd "$(dirname "$0")/../.."
build="${CARGO_TARGET_DIR:-$PWD/target}"
corpus="$build/fuzz-corpus"
targets=$(cargo run --quiet --locked --package idcard-fuzz --bin fuzz-seeds -- "$corpus")
host=$(rustc -vV | sed -n 's/^host: //p')

# The coverage that libFuzzer follows needs no nightly compiler. Naming the target keeps these
# flags from build scripts.
passes=(--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 -Cdebug-assertions
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares)
RUSTFLAGS="${passes[*]}" cargo build --quiet --locked --release --package idcard-fuzz --bin fuzz \
    --target "$host" --target-dir "$build/fuzz"
program="$build/fuzz/$host/release/fuzz"

fuzz() { # target
    local target=$1 findings="tests/fuzz/findings/$1"
    mkdir -p "$findings"
    if IDCARD_FUZZ_TARGET=$target "$program" -max_total_time="${FUZZ_SECONDS:-8}" -timeout=10 \
        -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -artifact_prefix="$findings/" \
        "$corpus/$target" >"$corpus/$target.log" 2>&1; then
        echo "fuzz: $target: $(sed -nE 's/^stat::number_of_executed_units: +//p' "$corpus/$target.log") runs," \
            "$(ls "$corpus/$target" | wc -l) inputs that reach something new"
    else
        tail -n 40 "$corpus/$target.log"
        echo "fuzz: $target: FAILED"
    fi
    rmdir "$findings" 2>/dev/null || true
}

# Two at a time: each takes one core.
export -f fuzz
export corpus program
ended=$(mktemp)
trap 'rm -f "$ended"' EXIT
tr ' ' '\n' <<<"${*:-$targets}" | grep . | xargs -P 2 -I{} bash -c 'fuzz "$1"' _ {} | tee "$ended"
passed=$(grep -cE '^fuzz: .* inputs that reach something new$' "$ended" || true)
failed=$(($(wc -w <<<"${*:-$targets}") - passed))
rmdir tests/fuzz/findings 2>/dev/null || true
echo "fuzz tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
