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
    bash bindings/build.sh
    bash bindings/bindgen.sh "$generated"
fi
package=bindings/python/idcard_verification
cargo run --quiet --locked --package idcard-spec --features cli -- python "$package"
sources() {
    case "$1" in
    kotlin) find "$generated"/*/kotlin bindings/kotlin/{library,okhttp,tools}/src -name '*.kt' | sort ;;
    swift) find "$generated"/*/swift -name '*.swift' | sort && ls bindings/swift/Sources/IdCardVerification/{Auth,Errors,Many,URLSessionTransport}.swift bindings/swift/Sources/IdCardTools/Probe.swift ;;
    python) echo "$generated/ffi/python/idcard_verification.py" && ls $package/{_actions,_auth,_base,_client,_errors,_callbacks,_functions,_many,testing}.py ;;
    esac
}

# What is mended cannot be mended again, as what a new version of UniFFI writes otherwise cannot.
kotlin="$generated/ffi/kotlin"
for file in "$kotlin/io/github/idcardverification/idcard_verification.kt" \
    "$generated/ffi/swift/IdCardVerification.swift" "$generated/ffi/python/idcard_verification.py"; do
    cp "$file" "$work/mended"
    case "$file" in
    *.kt) language=kotlin mends=(kotlin) ;;
    *.swift) language=swift mends=(swift) ;;
    *) language=python mends=(python "$kotlin") ;;
    esac
    if python3 bindings/ffi/mend "${mends[@]}" "$work/mended" 2>/dev/null; then
        echo "the mends of $language find nothing to mend and say nothing"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
done

for language in kotlin swift python; do
    sources "$language" | xargs python3 tests/surface.py "$language" >"$work/page"
    reviewed="tests/snapshots/surface.$language.txt"
    if [ -n "${SURFACE_UPDATE:-}" ]; then cp "$work/page" "$reviewed"; fi
    if diff -u "$reviewed" "$work/page"; then
        passed=$((passed + 1))
    else
        echo "the surface of $language has changed: run \`cargo make regenerate\` and read \`git diff tests/snapshots\`"
        failed=$((failed + 1))
    fi
done

# Documentation has the words of its language; what is not mended has not.
for language in kotlin swift python; do
    if sources "$language" | xargs python3 tests/surface.py words "$language"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
IDCARD_BINDGEN_PLAIN=1 "${CARGO_TARGET_DIR:-$PWD/target}/debug/uniffi-bindgen" generate \
    "$(find "${CARGO_TARGET_DIR:-$PWD/target}/debug" -maxdepth 1 -name 'libidcard_verification_ffi.so' -o \
        -maxdepth 1 -name 'libidcard_verification_ffi.dylib')" \
    --language kotlin --no-format --out-dir "$work/plain"
if find "$work/plain" -name '*.kt' -print0 | xargs -0 python3 tests/surface.py words kotlin 2>/dev/null; then
    echo "documentation that is not mended passes"
    failed=$((failed + 1))
else
    passed=$((passed + 1))
fi

cargo run --quiet --locked --bin idcard-verify -- codes --json >"$work/codes.json"
built="${CARGO_TARGET_DIR:-$PWD/target}/debug"
for name in ffi tools; do
    library=$(find "$built" -maxdepth 1 -name "libidcard_verification_$name.so" -o \
        -maxdepth 1 -name "libidcard_verification_$name.dylib")
    "$built/uniffi-bindgen" pipeline --library --pass initial "$library" python >"$work/$name.metadata"
done
pages=tests/snapshots/surface
# Python wraps the tools.
if python3 tests/surface.py ours kotlin $pages.kotlin.txt \
    $(find bindings/kotlin/{library,okhttp,tools}/src -name '*.kt') &&
    python3 tests/surface.py ours swift $pages.swift.txt \
        bindings/swift/Sources/IdCardVerification/{Auth,Errors,Many,URLSessionTransport}.swift &&
    python3 tests/surface.py ours python $pages.python.txt $package/{__init__,_types}.py &&
    python3 tests/surface.py check "$work/codes.json" $pages.{kotlin,swift,python}.txt &&
    python3 tests/surface.py exported "$work/ffi.metadata" $pages.{kotlin,swift,python}.txt &&
    python3 tests/surface.py exported "$work/tools.metadata" $pages.{kotlin,swift}.txt; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
fi
echo "surface tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
