#!/usr/bin/env bash
# Measures the libraries of phones, and that of this machine, stripped, against tests/size-budget.txt. Of
# an Android library it prints what it is made of.
set -uo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}/size"
passed=0 failed=0
case "$(uname -s)" in
Darwin) library=libidcard_verification_ffi.dylib ;;
*) library=libidcard_verification_ffi.so ;;
esac

# Each line: name, largest size in bytes, arguments of the build.
while read -r name budget arguments; do
    case "$name" in
    '#'* | '') continue ;;
    platform:*)
        # What lies there may be of older sources.
        if bash bindings/platforms.sh build "${name#platform:}" </dev/null &&
            bash bindings/platforms.sh size "${name#platform:}" "$budget" </dev/null; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
        continue
        ;;
    esac
    # shellcheck disable=SC2086 # the arguments are several words
    CARGO_TARGET_DIR="$target/$name" cargo build --quiet --locked --package idcard-ffi --lib \
        --profile library $arguments </dev/null || exit 1
    strip -o "$target/$name/stripped" "$target/$name/library/$library"
    bytes=$(wc -c <"$target/$name/stripped")
    echo "size $name: $bytes bytes, at most $budget"
    if [ "$bytes" -le "$budget" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done <tests/size-budget.txt
echo "size tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
