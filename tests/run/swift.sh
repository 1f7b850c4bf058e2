#!/usr/bin/env bash
# The tests of the Swift package, and its example.
set -uo pipefail
cd "$(dirname "$0")/../.."
bash bindings/swift/generate.sh || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
bash bindings/swift/swift.sh bindings/swift test --skip WholeCallBench 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
bash bindings/swift/swift.sh bindings/swift run --skip-build example || status=1
# An example is a test when what it prints is looked at.
device=$(bash bindings/swift/swift.sh bindings/swift run --skip-build device) || status=1
echo "$device"
if [ "$device" = "device: mismatch, charged" ]; then devices=1; else devices=0 status=1; fi
# The page shows the example's signer, word for word.
if python3 - bindings/swift/README.md bindings/swift/Sources/Device/main.swift <<'END'; then devices=$((devices + 1)); else status=1; fi
import sys

page, example = (open(name, encoding="utf-8").read() for name in sys.argv[1:])
shown = page.split("// final class Backend: RemoteSigner\n", 1)[1].split("```", 1)[0]
sys.exit(0 if shown.strip() and shown in example + "\n" else "the page does not show the example's signer")
END

# XCTest counts the scenarios as one test; here each run of one counts.
executed=$(grep -Eo 'Executed [0-9]+ tests?, with [0-9]+ failures?' "$log" | sort -t' ' -k2 -n | tail -n 1)
tests=$(grep -Eo '[0-9]+' <<<"$executed" | sed -n 1p)
failures=$(grep -Eo '[0-9]+' <<<"$executed" | sed -n 2p)
runs=$(sed -nE 's/^swift scenario runs: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log")
read -r passed failed <<<"${runs:-0 1}"
others=$((${tests:-0} > 0 ? ${tests:-0} - 1 : 0))
other_failures=$((${failures:-1} - failed))
echo "swift tests: $((passed + others - other_failures + devices)) passed, $((failed + other_failures + 2 - devices)) failed"
exit "$status"
