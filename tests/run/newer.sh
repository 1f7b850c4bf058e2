#!/usr/bin/env bash
# A client of today against a service of tomorrow: a sandbox that is built from a newer spec, with a
# new result code, new error codes, a new field in the answer and a new parameter. The client, which
# knows none of them, goes on: what is new is unknown, kept verbatim, and nothing is lost.
set -uo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
work="$target/newer"
rm -rf "$work/spec"
mkdir -p "$work/spec"
cp spec/*.json "$work/spec"

action="$work/spec/idcard_verification.json"
insert_after() { # pattern, line
    sed -i "/$1/{s/\([^,]\)\$/\1,/;a\\      $2,
}" "$action"
}
insert_after '"code": "-6"' '{ "code": "-8", "ident": "RecordSealed", "verdict": "inconclusive", "charge": "charged", "retry": "never", "meaning": "The record is sealed." }'
insert_after '"wire": "Result"' '{ "wire": "Score", "type": "float", "required": true, "docs": "How sure it is." }'
insert_after '"code": "FailedOperation.UnKnown"' '{ "code": "NovelFailure.Detail", "kind": "Internal", "charge": "not_charged", "retry": "never", "meaning": "A family of tomorrow." }'
insert_after '"code": "FailedOperation.UnKnown"' '{ "code": "InvalidParameter.Novel", "kind": "InvalidRequest", "charge": "not_charged", "retry": "never", "meaning": "A detail of tomorrow." }'
insert_after '"wire": "Name"' '{ "wire": "Novel", "type": "string", "docs": "A parameter of tomorrow." }'

cargo build --quiet --locked --package idcard-cli --bin idcard-verify || exit 1
# Built where the actions that nobody has written a line for are, which share most of it.
IDCARD_SPEC_DIR="$work/spec" CARGO_TARGET_DIR="$target/actions/target" \
    cargo build --quiet --locked --package idcard-cli --bin idcard-verify || exit 1
today="$target/debug/idcard-verify"
tomorrow="$target/actions/target/debug/idcard-verify"
"$tomorrow" sandbox --json >"$work/announced" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null' EXIT
for _ in $(seq 300); do [ -s "$work/announced" ] && break || sleep 0.1; done
url=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["url"])' <"$work/announced")
"$tomorrow" sandbox --identities >"$work/identities"

passed=0 failed=0
check() { # identity, exit code, what the answer has...
    local identity=$1 exit=$2 number name output status
    shift 2
    read -r _ number name _ <<<"$(grep -F -- "$identity " "$work/identities")"
    [ -n "$number" ] || echo "newer: $identity is not among the identities" >&2
    output=$(TENCENTCLOUD_SECRET_ID=AKIDSANDBOX TENCENTCLOUD_SECRET_KEY=sandbox-secret-key \
        "$today" verify --json --site international --endpoint "$url" "$number" "$name")
    status=$?
    for part in "$@"; do
        grep -qF -- "$part" <<<"$output" || status="$status, without $part"
    done
    if [ "$status" = "$exit" ]; then
        echo "newer: $identity: ok"
        passed=$((passed + 1))
    else
        echo "newer: $identity: exit $status of $exit: $output"
        failed=$((failed + 1))
    fi
}

check result:0 0 '"verdict":"match"' '"charge":"charged"'
# Nobody knows here that it is charged, so nobody says that it is not.
check result:-8 11 '"verdict":"inconclusive"' '"code":"-8"' '"charge":"unknown"'
check error:NovelFailure.Detail 6 '"code":"NovelFailure.Detail"' '"kind":"unknown"' '"charge":"unknown"'
check error:InvalidParameter.Novel 6 '"code":"InvalidParameter.Novel"' '"kind":"invalid-request"' '"charge":"not-charged"'
echo "newer tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
