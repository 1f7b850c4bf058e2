#!/usr/bin/env bash
# Builds the library for every platform that can be built for here, reads each file back, and runs what
# can be run: the wheel and the jar of Linux on ARM in an emulator, each with one call against the
# sandbox. What is measured and what is run is built as it ships; of the rest it is enough that it links.
# The wheel and the jar are those that the tests of Python and Kotlin have built, and Swift is set up by its own.
set -uo pipefail
cd "$(dirname "$0")/../.."
repository=$PWD
target="${CARGO_TARGET_DIR:-$PWD/target}"
work=$(mktemp -d)
passed=0 failed=0
sandbox=''
trap '[ -z "$sandbox" ] || kill "$sandbox"; rm -rf "$work"' EXIT

check() { # name, command
    local name=$1 begun=$SECONDS output
    shift
    # Not within a condition, where `set -e` of what is called would do nothing.
    output=$("$@" 2>&1)
    local status=$?
    if [ "$status" -eq 0 ]; then
        echo "platforms $name: ok, $((SECONDS - begun)) s: $(tail -n 1 <<<"$output")"
        passed=$((passed + 1))
    else
        echo "platforms $name: FAILED"
        echo "$output"
        failed=$((failed + 1))
    fi
}

platforms() { bash bindings/platforms.sh "$@"; }

# What each platform's file is found to be, a line each.
read_back() {
    local line lines=0
    while read -r line; do
        lines=$((lines + 1))
        case "$line" in
        *': good') passed=$((passed + 1)) ;;
        *) failed=$((failed + 1)) ;;
        esac
        echo "platforms $line"
        # shellcheck disable=SC2086 # several words
    done < <(platforms read $every 2>&1)
    [ "$lines" -eq "$(wc -w <<<"$every")" ] || failed=$((failed + 1))
}

# The tests of the readers, each of which counts.
readers() {
    local output
    output=$(PYTHONPATH="bindings/platforms" "$target/platform-tools/bin/python" -m unittest tests/platforms/test_readers.py 2>&1)
    echo "$output"
    local ran bad
    ran=$(sed -nE 's/^Ran ([0-9]+) tests? .*/\1/p' <<<"$output")
    bad=$(grep -Eo '(failures|errors)=[0-9]+' <<<"$output" | grep -Eo '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }')
    [ -n "$ran" ] || { ran=1 bad=1; }
    passed=$((passed + ran - bad)) failed=$((failed + bad))
}

# An address of the sandbox, whose clients are other processes.
serve() {
    cargo build --quiet --locked --package idcard-cli || return 1
    exec {pipe}< <(exec "$target/debug/idcard-verify" sandbox --json)
    sandbox=$!
    read -r -u "$pipe" started
    url=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["url"])' <<<"$started")
}

emulated() { # variables of the environment..., --, program, arguments
    local environment=()
    while [ "$1" != -- ]; do environment+=("$1") && shift; done
    shift
    env -i LANG=C.UTF-8 "${environment[@]}" /usr/sbin/chroot "$arm" /emulator "$@"
}

wheel_of_x86_64() {
    set -e
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet "$target"/wheels/release/*manylinux*x86_64.whl
    "$work/venv/bin/python" tests/platforms/call.py "$url" | tee "$work/called"
    grep -q 'x86_64: match, charged' "$work/called"
}

wheel_of_arm64() {
    set -e
    rm -rf "$arm/work" && mkdir -p "$arm/work/site"
    python3 -m zipfile -e "$target"/wheels/release/*manylinux*aarch64.whl "$arm/work/site"
    cp tests/platforms/call.py "$arm/work"
    emulated PYTHONPATH=/work/site -- /usr/bin/python3.11 /work/call.py "$url" | tee "$work/called"
    grep -q 'aarch64: match, charged' "$work/called"
}

# A jar with the libraries of all platforms that were built.
jar_of_arm64() {
    set -e
    local maven="${MAVEN_REPOSITORY:-$HOME/.m2/repository}" lib="$arm/work/lib" jar
    rm -rf "$arm/work" && mkdir -p "$lib" "$arm/work/classes"
    cp bindings/kotlin/library/target/idcard-verification-*[0-9].jar "$lib/library.jar"
    for jar in org/jetbrains/kotlin/kotlin-stdlib org/jetbrains/kotlinx/kotlinx-coroutines-core-jvm net/java/dev/jna/jna; do
        find "$maven/$jar" -name '*[0-9].jar' | sort -V | tail -n 1 | xargs -I{} cp {} "$lib/"
    done
    platforms natives "$work/natives"
    (cd "$work/natives" && jar --update --file "$lib/library.jar" .)
    javac -d "$arm/work/classes" -cp "$lib/*" tests/platforms/Call.java
    emulated -- /usr/lib/jvm/java-17-openjdk-arm64/bin/java -cp '/work/classes:/work/lib/*' Call "$url" | tee "$work/called"
    grep -q 'aarch64: MATCH, CHARGED' "$work/called"
    # Without the library of this platform, the first use says which one is missing.
    python3 - "$lib/library.jar" <<'END'
import shutil, sys, zipfile
jar = sys.argv[1]
with zipfile.ZipFile(jar) as old, zipfile.ZipFile(jar + ".new", "w") as new:
    for entry in old.infolist():
        if not entry.filename.startswith("linux-aarch64/"):
            new.writestr(entry, old.read(entry))
shutil.move(jar + ".new", jar)
END
    if emulated -- /usr/lib/jvm/java-17-openjdk-arm64/bin/java -cp '/work/classes:/work/lib/*' Call "$url" >"$work/missing" 2>&1; then
        return 1
    fi
    grep 'there is none for linux-aarch64' "$work/missing"
}

# SwiftPM reads the XCFramework, though on Linux nothing of it is for this system; and refuses a broken one.
read_by_swiftpm() {
    set -e
    local package="$work/app"
    mkdir -p "$package/Sources/App"
    cp -R "$target/packages/IdCardVerificationFFI.xcframework" "$package/"
    echo 'print("built")' >"$package/Sources/App/main.swift"
    printf '%s\n' '// swift-tools-version: 6.0' 'import PackageDescription' \
        'let package = Package(name: "App", targets: [' \
        '    .binaryTarget(name: "IdCardVerificationFFI", path: "IdCardVerificationFFI.xcframework"),' \
        '    .executableTarget(name: "App", dependencies: ["IdCardVerificationFFI"]),' '])' >"$package/Package.swift"
    bash bindings/swift/swift.sh "$package" build
    echo '<plist><dict/></plist>' >"$package/IdCardVerificationFFI.xcframework/Info.plist"
    if bash bindings/swift/swift.sh "$package" build >"$work/refused" 2>&1; then return 1; fi
    grep 'does not contain a binary artifact' "$work/refused"
}

# In an environment that has nothing of the repository and installs what the sources ask for. Not optimised.
sources() {
    set -e
    bash bindings/python/sdist.sh
    mkdir "$work/sources"
    cp "$target"/wheels/release/*.tar.gz "$work/sources"
    python3 -m venv "$work/builder"
    cd "$work/sources"
    # All files in it are of one time, by which cargo would take yesterday's build for today's.
    rm -rf "$target"/sdist/*/.fingerprint/idcard-*
    env -i HOME="$HOME" PATH="$PATH" CARGO_TARGET_DIR="$target/sdist" MATURIN_PEP517_ARGS='--profile gate' \
        "$work/builder/bin/pip" wheel --quiet --no-cache-dir --no-deps --wheel-dir built ./*.tar.gz
    "$work/builder/bin/pip" install --quiet built/*.whl
    "$work/builder/bin/python" "$repository/tests/platforms/call.py" "$url" | tee "$work/called"
    grep -q 'match, charged' "$work/called"
}

# By the tools and the settings of the Python package.
lint() {
    set -e
    local tools="$target/python-tools/bin" sources="bindings/platforms tests/platforms"
    # shellcheck disable=SC2086 # several words
    "$tools/ruff" format --check --config bindings/python/pyproject.toml $sources
    # shellcheck disable=SC2086
    "$tools/ruff" check --config bindings/python/pyproject.toml $sources
    (cd bindings/platforms && "$tools/mypy" --strict --python-executable "$target/platform-tools/bin/python" \
        ./*.py ../../tests/platforms/test_readers.py)
}

every=$(platforms list | awk '$1 !~ /desktop/ {print $1}')
shipped='android-arm64-v8a ios-arm64 linux-x86_64 linux-aarch64'
linked=$(grep -vxF "$(tr ' ' '\n' <<<"$shipped")" <<<"$every")
# shellcheck disable=SC2086 # several words
check "built" platforms build $shipped
# shellcheck disable=SC2086
check "linked" platforms build --quick $linked
read_back
check "XCFramework" platforms xcframework --built
check "XCFramework by SwiftPM" read_by_swiftpm
while read -r name budget; do
    check "size of $name" platforms size "$name" "$budget"
done < <(sed -nE 's/^platform:([^ ]+) ([0-9]+)$/\1 \2/p' tests/size-budget.txt)
readers
check "sources" lint
check "wheels" platforms wheels
if arm=$(bash tests/platforms/arm64.sh) && serve; then
    check "wheel on x86_64" wheel_of_x86_64
    check "wheel on ARM" wheel_of_arm64
    check "jar on ARM" jar_of_arm64
    check "source distribution" sources
else
    failed=$((failed + 1))
fi
echo "platforms tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
