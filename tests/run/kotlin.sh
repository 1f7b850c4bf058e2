#!/usr/bin/env bash
# The tests of the Kotlin library and its OkHttp adapter, on the JVM.
set -uo pipefail
cd "$(dirname "$0")/../.."
bash bindings/kotlin/generate.sh || exit 1
mvn --batch-mode --no-transfer-progress --quiet --file bindings/kotlin/pom.xml verify
status=$?
echo "kotlin tests: $(bash tests/junit.sh bindings/kotlin/tests/target/surefire-reports/TEST-*.xml)"
exit "$status"
