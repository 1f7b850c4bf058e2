#!/usr/bin/env bash
# Formatting, lints, licences and sources of the dependencies, whether what is dangerous in a change of the spec
# is acknowledged, whether every package has the same version, and the workflow files. The quick ones come first.
set -uo pipefail

passed=0 failed=0
check() { # name, command
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        echo "lint: $name failed" >&2
        failed=$((failed + 1))
    fi
}

spec() { cargo run --quiet --locked --package idcard-spec --features cli -- "$@"; }

acknowledged() {
    local release
    if release=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null); then
        spec diff "$release" --acknowledged spec/CHANGES.md
    else
        echo "spec: nothing has been released yet"
    fi
}

licences() {
    cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny || return
    cargo deny --all-features --log-level error check licenses bans sources
}

check format cargo fmt --all --check
check "one version" python3 .ci/release check
check "release tool" python3 -m unittest discover --buffer --start-directory .ci/release
check "workflows (actionlint)" bash .ci/release/workflows.sh actionlint
check "workflows (zizmor)" bash .ci/release/workflows.sh zizmor
check spec spec check
check clippy cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
check "clippy without features" cargo clippy --package idcard-verification --no-default-features --locked -- -D warnings
# No function is longer than 60 lines, tests aside.
check "length of functions" cargo clippy --workspace --all-features --locked -- -D warnings -D clippy::too_many_lines
check licences licences
check "acknowledged changes of the spec" acknowledged
echo "lint tests: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
