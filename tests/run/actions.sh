#!/usr/bin/env bash
# Builds the library with actions that nobody has written a line for, and calls each of them from
# Rust, Kotlin, Swift and Python, against the sandbox: the specs of tests/actions, which are
# invented, and every action of a vendor's definition file, by itself the invented one.
#
#   actions.sh [DEFINITION.json] [LANGUAGE...]
set -uo pipefail
cd "$(dirname "$0")/../.."
repository=$PWD
target="${CARGO_TARGET_DIR:-$PWD/target}"
definition=tests/actions/definition.json
case "${1:-}" in *.json) definition=$1 && shift ;; esac
languages=${*:-rust kotlin swift python}

work="$target/actions"
specs="$work/spec"
rm -rf "$specs"
mkdir -p "$specs"
cp spec/schema.json "$specs"
# Our own and the invented ones, with prose as odd as it may be.
cargo run --quiet --locked --package idcard-spec --example hostile -- "$specs" || exit 1
tool() { cargo run --quiet --locked --package idcard-spec --features cli -- --dir "$specs" "$@"; }
tool import "$definition" --all | grep -- ' -> ' || exit 1
tool import "$definition" --all | grep -E '^  \+' && { echo "a second import changes something"; exit 1; }
tool check || exit 1
count=$(find "$specs" -name '*.json' ! -name common.json ! -name schema.json | wc -l)

# The build with these specs is kept apart from the one with ours.
build() { IDCARD_SPEC_DIR="$specs" CARGO_TARGET_DIR="$work/target" cargo "$@"; }
cargo build --quiet --locked --package idcard-ffi --features bindgen --bin uniffi-bindgen || exit 1
build build --quiet --locked --package idcard-ffi --lib || exit 1
build build --quiet --locked --package idcard-tools || exit 1
case "$(uname -s)" in
Darwin) extension=dylib os=darwin ;;
*) extension=so os=linux ;;
esac
case "$(uname -m)" in x86_64) platform=$os-x86-64 ;; *) platform=$os-aarch64 ;; esac
library() { echo "$work/target/debug/libidcard_verification_$1.$extension"; }
generate() { # ffi or tools, language, folder
    "$target/debug/uniffi-bindgen" generate "$(library "$1")" --language "$2" \
        --no-format --config bindings/uniffi.toml --out-dir "$3"
}

rust() {
    local crate="$work/rust"
    mkdir -p "$crate/src"
    tool calls rust >"$crate/src/main.rs"
    printf '[package]\nname = "calls"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n[dependencies]\nidcard-sandbox = { path = "%s/tests/sandbox" }\nidcard-verification = { path = "%s/core" }\n' \
        "$repository" "$repository" >"$crate/Cargo.toml"
    cp Cargo.lock "$crate/"
    build run --quiet --manifest-path "$crate/Cargo.toml"
}

python() {
    local package="$work/python/idcard_verification"
    rm -rf "$package"
    mkdir -p "$package/_native"
    cp bindings/python/idcard_verification/*.py "$package/"
    tool python "$package"
    generate ffi python "$package/_native" && touch "$package/_native/__init__.py"
    cp "$(library ffi)" "$package/_native/"
    local tools="$work/python/idcard_verification_tools"
    rm -rf "$tools" && cp -r bindings/python/tools/idcard_verification_tools "$tools"
    generate tools python "$tools/_native" && touch "$tools/_native/__init__.py"
    cp "$(library tools)" "$tools/_native/"
    tool calls python >"$work/python/calls.py"
    PYTHONPATH="$work/python" python3 "$work/python/calls.py"
}

kotlin() {
    local folder="$work/kotlin"
    rm -rf "$folder"
    mkdir -p "$folder/calls/src/main/kotlin"
    cp -r bindings/kotlin/library bindings/kotlin/tools "$folder/" && rm -rf "$folder"/*/target
    sed '/<module>okhttp/d; s|<module>tests|<module>calls|' bindings/kotlin/pom.xml >"$folder/pom.xml"
    cp tests/actions/pom.xml "$folder/calls/"
    for name in ffi tools; do
        generate "$name" kotlin "$folder/target/generated/$name/kotlin" || return 1
        mkdir -p "$folder/target/generated/$name/native/$platform"
        cp "$(library "$name")" "$folder/target/generated/$name/native/$platform/"
    done
    tool calls kotlin >"$folder/calls/src/main/kotlin/Calls.kt"
    (cd "$folder" && mvn --batch-mode --no-transfer-progress --quiet -Dstyle.color=never verify)
}

swift() {
    local folder="$work/swift"
    mkdir -p "$folder"
    # What was built before stays; what was generated before does not.
    rm -rf "$folder/Sources"
    cp -r bindings/swift/Sources "$folder/"
    sed '/\.testTarget(/,/^        )/d' bindings/swift/Package.swift >"$folder/Package.swift"
    for name in ffi tools; do generate "$name" swift "$work/swift-generated/$name" || return 1; done
    bash bindings/swift/lay.sh "$work/swift-generated" "$folder" "$work/target/debug" "$extension"
    tool calls swift >"$folder/Sources/Example/main.swift"
    bash bindings/swift/swift.sh "$folder" run --quiet example
}

passed=0 failed=0
for language in $languages; do
    begun=$SECONDS
    output=$("$language" 2>&1)
    status=$?
    # Maven writes colours even into a pipe.
    output=$(awk '{ gsub(/\033\[[0-9;]*m/, "") } NF' <<<"$output")
    called=$(grep -cE '^[A-Za-z0-9]+: ok, ' <<<"$output")
    if [ "$status" -eq 0 ] && [ "$called" -eq "$count" ]; then
        echo "actions: $language calls $called of $count, in $((SECONDS - begun)) s"
        passed=$((passed + called))
    else
        tail -n 60 <<<"$output"
        echo "actions: $language called $called of $count"
        failed=$((failed + count - called + (called == count)))
        passed=$((passed + called))
    fi
done
echo "actions tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
