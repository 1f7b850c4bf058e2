#!/usr/bin/env bash
# Assembles the AAR and lays it into a Maven repository: $CARGO_TARGET_DIR/packages.
#
#   build.sh [FOLDER]     where android-<ABI>/libidcard_verification_ffi.so are; $CARGO_TARGET_DIR/native by itself
#
# A library that was linked without the NDK has a file NOT-SHIPPABLE beside it. Then the AAR is called
# ...-gate.aar, which no build takes for the released one.
set -euo pipefail
natives=$(realpath -m "${1:-${CARGO_TARGET_DIR:-$(dirname "$0")/../../../target}/native}")
cd "$(dirname "$0")/../../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"

# The jars too: an app's tests on its developer's machine take the sandbox and that machine's library from them.
# `IDCARD_JARS=built` says that they are there, of these sources.
if [ "${IDCARD_JARS:-}" != built ]; then
    bash bindings/kotlin/generate.sh
    mvn --batch-mode --no-transfer-progress --quiet --file bindings/kotlin/pom.xml --projects .,library,okhttp,tools package
fi
python3 bindings/kotlin/android/assemble.py --natives "$natives" --repository "$target/packages"
