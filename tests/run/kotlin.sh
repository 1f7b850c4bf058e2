#!/usr/bin/env bash
# The tests of the Kotlin library and its OkHttp adapter, on the JVM.
set -uo pipefail
cd "$(dirname "$0")/../.."
bash bindings/kotlin/generate.sh || exit 1
mvn --batch-mode --no-transfer-progress --quiet --file bindings/kotlin/pom.xml verify
status=$?
# Surefire's reports, added up.
sums=$(cat bindings/kotlin/tests/target/surefire-reports/TEST-*.xml 2>/dev/null |
    grep -Eo '<testsuite [^>]*' |
    awk '{
        match($0, / tests="[0-9]+/); tests += substr($0, RSTART + 8, RLENGTH - 8)
        match($0, / failures="[0-9]+/); failed += substr($0, RSTART + 11, RLENGTH - 11)
        match($0, / errors="[0-9]+/); failed += substr($0, RSTART + 9, RLENGTH - 9)
    } END { printf "%d passed, %d failed", tests - failed, failed }')
echo "kotlin tests: $sums"
exit "$status"
