#!/usr/bin/env bash
# Uses each package as a consumer does, and runs the quick start of the README there: the wheel in
# a new environment, the jar resolved from a repository into a new project, a new SwiftPM package.
# The packages are those that the tests of the languages have built.
set -uo pipefail
cd "$(dirname "$0")/../.."
repository=$PWD
target="${CARGO_TARGET_DIR:-$PWD/target}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# The README's first block of a language.
quick_start() {
    awk -v fence="\`\`\`$1" '$0 == fence && !done {on = 1; next} $0 == "```" && on {done = 1; on = 0} on' README.md
}

# What the page of a language shows as a first call, which has to compile.
first_call() {
    awk -v fence="\`\`\`$1" '/^## First call/ {here = 1} here && $0 == fence {on = 1; next} $0 == "```" && on {exit} on' \
        "bindings/$1/README.md"
}

check() { # name, command
    local name=$1 output
    shift
    # Maven writes colours even into a pipe.
    output=$("$@" 2>&1)
    local status=$?
    output=$(awk '{ gsub(/\033\[[0-9;]*m/, "") } NF' <<<"$output")
    if [ "$status" -eq 0 ] && grep -qi 'match' <<<"$output" && grep -qi 'charged' <<<"$output"; then
        echo "consumer $name: ok: $(tail -n 1 <<<"$output")"
        passed=$((passed + 1))
    else
        echo "consumer $name: FAILED"
        echo "$output"
        failed=$((failed + 1))
    fi
    local lines
    lines=$(quick_start "$name" | wc -l)
    if [ "$lines" -gt 10 ]; then
        echo "the quick start of $name has $lines lines, more than 10"
        failed=$((failed + 1))
    fi
}

python() {
    set -e
    python3 -m venv "$work/python"
    "$work/python/bin/pip" install --quiet "$target"/wheels/*.whl
    if grep -rqaiE 'panic_on_request|embeddedsandbox' "$work"/python/lib/python3*/site-packages/idcard_verification/_native; then
        echo "the library that a script takes has what tests need"
        return 1
    fi
    quick_start python >"$work/quick_start.py"
    cd "$work"
    python/bin/python quick_start.py
}

# A pipe into `grep -q` would fail now and then: whoever writes into it is ended once the name is found.
holds() { # jar, name of a file
    unzip -l "$1" "*/$2" >/dev/null || { echo "$1 has no $2"; return 1; }
}

kotlin() {
    set -e
    local m2=io/github/idcardverification project="$work/kotlin"
    mvn --batch-mode --no-transfer-progress --quiet --file bindings/kotlin/pom.xml \
        --projects .,library,okhttp,tools --activate-profiles packages -DskipTests deploy \
        "-DaltDeploymentRepository=local::default::file://$work/repository"
    for artifact in idcard-verification idcard-verification-okhttp idcard-verification-tools; do
        for jar in sources javadoc; do
            [ -n "$(find "$work/repository/$m2/$artifact" -name "$artifact-*-$jar.jar")" ] || { echo "$artifact has no $jar"; return 1; }
        done
    done
    holds "$(find "$work/repository" -name 'idcard-verification-[0-9]*-sources.jar')" idcard_verification.kt
    holds "$(find "$work/repository" -name 'idcard-verification-[0-9]*-javadoc.jar')" ClientConfig.html
    # An app takes the library without what tests need.
    jar=$(find "$work/repository" -name 'idcard-verification-[0-9]*[0-9].jar')
    mkdir "$work/jar" && unzip -q "$jar" -d "$work/jar"
    if grep -rqaiE 'panic_on_request|embeddedsandbox|find_leak' "$work/jar"; then
        echo "the library that an app takes has what tests need"
        return 1
    fi
    # What the line above installed by the way; a consumer resolves from the repository.
    rm -rf "${MAVEN_REPOSITORY:-$HOME/.m2/repository}/$m2"
    mkdir -p "$project/src/main/kotlin"
    sed "s|REPOSITORY|file://$work/repository|" tests/consumers/pom.xml >"$project/pom.xml"
    quick_start kotlin >"$project/src/main/kotlin/Main.kt"
    first_call kotlin >"$project/src/main/kotlin/FirstCall.kt"
    cd "$project"
    mvn --batch-mode --no-transfer-progress --quiet -Dstyle.color=never compile exec:java
}

# Without a line of Kotlin; from the repository that the one before has filled.
java() {
    set -e
    cp -r tests/consumers/java "$work/java"
    sed -i.bak "s|REPOSITORY|file://$work/repository|" "$work/java/pom.xml"
    cd "$work/java"
    mvn --batch-mode --no-transfer-progress --quiet -Dstyle.color=never compile exec:java
}

# By the URL of a repository and with the library installed, as an app on a server takes it: in Swift 6
# mode, with strict concurrency and without a warning.
swift() {
    set -e
    # Not `swift`, which is the name of the folder of ours.
    local package="$work/consumer" package_repository="$work/idcard-verification-swift" prefix="$work/prefix"
    bash bindings/swift/repository.sh "$package_repository"
    if grep -rq unsafeFlags "$package_repository/Package.swift"; then
        echo "SwiftPM takes no dependency with unsafe flags"
        return 1
    fi
    git -C "$package_repository" init --quiet
    git -C "$package_repository" add --all
    git -C "$package_repository" -c user.name=Test -c user.email=test@example.com commit --quiet --message Package
    git -C "$package_repository" tag 0.1.0
    bash bindings/swift/install.sh "$prefix" >/dev/null
    mkdir -p "$package/Sources/QuickStart"
    sed "s|REPOSITORY|file://$package_repository|" tests/consumers/Package.swift >"$package/Package.swift"
    quick_start swift >"$package/Sources/QuickStart/main.swift"
    first_call swift >"$package/Sources/QuickStart/FirstCall.swift"
    export SWIFT_MOUNTS="$package_repository $prefix" PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
    bash bindings/swift/swift.sh "$package" build >"$work/swift.log" 2>&1 || { cat "$work/swift.log"; return 1; }
    if grep 'warning: ' "$work/swift.log"; then return 1; fi
    bash bindings/swift/swift.sh "$package" run --quiet --skip-build
}

check python python
check kotlin kotlin
check java java
check swift swift
echo "consumers tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
