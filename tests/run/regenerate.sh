#!/usr/bin/env bash
# The spec changes: without a change `cargo make regenerate` leaves every byte as it is; a ninth
# result code is typed, documented and tested in every language after that one command, and the
# comparison of the specs says what it means for whom. The second is tried in a copy.
set -uo pipefail
cd "$(dirname "$0")/../.."
passed=0 failed=0
check() { # name, command
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        echo "regenerate: $name: ok"
        passed=$((passed + 1))
    else
        tail -n 40 <<<"$output"
        echo "regenerate: $name: FAILED"
        failed=$((failed + 1))
    fi
}

# Everything that is or would be committed.
contents() { git ls-files -z --cached --others --exclude-standard | xargs -0 sha256sum; }

leaves_no_trace() {
    local before
    before=$(contents)
    bash bindings/regenerate.sh && diff <(echo "$before") <(contents)
}

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
code='{ "code": "-8", "ident": "RecordSealed", "verdict": "inconclusive", "charge": "not_charged", "retry": "backoff", "meaning": "The record is sealed for the moment." }'

ninth_code() {
    git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy" || return 1
    cd "$copy" || return 1
    # After the last code.
    sed -i "/\"code\": \"-7\"/{s/ }\$/ },/;a\\      $code
}" spec/idcard_verification.json
    bash bindings/regenerate.sh
}

# What the one command has made of it.
shows() { # file, text
    grep -qF -- "$2" "$copy/$1" || { echo "$1 lacks: $2"; return 1; }
}

is_everywhere() {
    local meaning='The record is sealed for the moment.'
    shows spec/REFERENCE.md "| \`-8\` | \`RecordSealed\` | $meaning |" &&
        shows bindings/python/README.md "\`ResultCode.RECORD_SEALED\`" &&
        shows bindings/kotlin/README.md "\`ResultCode.RECORD_SEALED\`" &&
        shows bindings/swift/README.md "\`.recordSealed\`" &&
        shows tests/snapshots/generated_rust.snap "RecordSealed," &&
        shows tests/snapshots/surface.python.txt "RECORD_SEALED" &&
        shows tests/snapshots/surface.kotlin.txt "RECORD_SEALED" &&
        shows tests/snapshots/surface.swift.txt "case recordSealed" &&
        shows tests/snapshots/codes.snap "$meaning" &&
        shows tests/snapshots/test_identities.snap "result:-8" &&
        shows tests/scenarios/results.json '"result": "RecordSealed", "code": "-8"'
}

means_something() {
    cd "$copy" || return 1
    local table
    table=$(cargo run --quiet --locked --package idcard-spec --features cli -- diff "$OLDPWD/spec")
    # Additive, with its own exit code; a `when` or a `switch` without an `else` breaks.
    [ $? -eq 10 ] && grep -q '^| additive | there is a new result code | .* | works | works | breaks |' <<<"$table"
}

runs() {
    cd "$copy" || return 1
    local output
    output=$(cargo test --quiet --locked --package idcard-verification --test scenarios -- 'result -8')
    grep -q '2 passed' <<<"$output" || { echo "$output"; return 1; }
}

check "nothing has changed" leaves_no_trace
# Whatever else is tested of the spec holds as well.
holds() {
    cd "$copy" || return 1
    cargo test --quiet --locked --package idcard-spec --all-features
}

check "a ninth result code" ninth_code
check "it is everywhere" is_everywhere
check "what it means" means_something
check "its scenario" runs
check "the tests of the spec" holds
# The build in the copy was the last one to be made; ours is made anew when it is needed.
find spec core bindings tests -name '*.rs' -exec touch {} +
echo "regenerate tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
