#!/usr/bin/env bash
# Compares the public surface of each foreign language, made from the generated code, with the
# reviewed pages tests/snapshots/surface.*.txt. With SURFACE_UPDATE=1 it writes the pages.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# Another has generated the sources already, or it is done here.
if [ -n "${BINDGEN_FOLDER:-}" ]; then
    generated=$BINDGEN_FOLDER
else
    generated="$work/bindgen"
    cargo build --quiet --locked --package idcard-ffi --lib --features tools
    cargo build --quiet --locked --package idcard-ffi --features bindgen,tools --bin uniffi-bindgen
    bash bindings/bindgen.sh "$generated"
fi
package=bindings/python/idcard_verification
cargo run --quiet --locked --package idcard-spec --features cli -- python "$package"
page() {
    case "$1" in
    kotlin) find "$generated/kotlin" bindings/kotlin/library/src bindings/kotlin/okhttp/src -name '*.kt' | sort ;;
    swift) find "$generated/swift" -name '*.swift' | sort && ls bindings/swift/Sources/IdCardVerification/{Auth,Errors,URLSessionTransport}.swift ;;
    python) echo "$generated/python/idcard_verification.py" && ls $package/{_actions,_auth,_base,_client,_errors,_functions,_many,testing}.py ;;
    esac | xargs python3 tests/surface.py "$1"
}

# What is mended cannot be mended again, as what a new version of UniFFI writes otherwise cannot.
documented="$generated/kotlin/io/github/idcardverification/idcard_verification.kt"
for file in "$documented" "$generated/swift/IdCardVerification.swift" \
    "$generated/python/idcard_verification.py"; do
    cp "$file" "$work/mended"
    case "$file" in
    *.kt) language=kotlin mends=(kotlin) ;;
    *.swift) language=swift mends=(swift) ;;
    *) language=python mends=(python "$documented") ;;
    esac
    if python3 bindings/mend "${mends[@]}" "$work/mended" 2>/dev/null; then
        echo "the mends of $language find nothing to mend and say nothing"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
done

for language in kotlin swift python; do
    page "$language" >"$work/page"
    reviewed="tests/snapshots/surface.$language.txt"
    if [ -n "${SURFACE_UPDATE:-}" ]; then cp "$work/page" "$reviewed"; fi
    if diff -u "$reviewed" "$work/page"; then
        passed=$((passed + 1))
    else
        echo "the surface of $language has changed: run \`cargo make regenerate\` and read \`git diff tests/snapshots\`"
        failed=$((failed + 1))
    fi
done

cargo run --quiet --locked --bin idcard-verify -- codes --json >"$work/codes.json"
if python3 tests/surface.py check "$work/codes.json" tests/snapshots/surface.*.txt; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
fi
echo "surface tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
