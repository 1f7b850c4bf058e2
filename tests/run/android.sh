#!/usr/bin/env bash
# The AAR: what is in it, that an app which is shrunk can use it, and a small app against the framework's classes.
# There is no device here. The libraries of the ABIs are taken from ANDROID_NATIVE, by itself
# $CARGO_TARGET_DIR/native.
set -uo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
work="$target/android"
tools="$target/platform-tools"

export ANDROID_NATIVE="${ANDROID_NATIVE:-$target/native}"
folder="$target/packages/io/github/idcardverification/idcard-verification-android"
# There is one then, of this version.
rm -rf "$folder" tests/android/example/target/surefire-reports
case " ${EARLIER:-} " in *' kotlin '*) export IDCARD_JARS=built ;; esac
bash bindings/kotlin/android/build.sh "$ANDROID_NATIVE" || exit 1
AAR=$(echo "$folder"/*/*.aar)
AAR_POM=$(echo "$folder"/*/*.pom)
export AAR AAR_POM
rm -rf "$work"
mkdir -p "$work"
unzip -qo "$AAR" classes.jar -d "$work" || exit 1

status=0
mvn --batch-mode --no-transfer-progress --quiet --file tests/android/pom.xml "-Daar.classes=$work/classes.jar" \
    verify || status=1
# Which sets up the environment, with the reader of binaries.
bash bindings/platforms.sh list >/dev/null || exit 1
"$tools/bin/pip" install --quiet --disable-pip-version-check \
    mypy==2.4.1 pytest==9.0.2 pytest-xdist==3.8.0 ruff==0.17.6 || exit 1
# By the settings of the Python package.
sources=(bindings/platforms/aar.py bindings/kotlin/android/assemble.py tests/android/*.py)
"$tools/bin/ruff" format --quiet --check --config bindings/python/pyproject.toml "${sources[@]}" || status=1
"$tools/bin/ruff" check --quiet --config bindings/python/pyproject.toml "${sources[@]}" || status=1
MYPYPATH=bindings/platforms:bindings/kotlin/android:tests/android "$tools/bin/mypy" --strict --no-error-summary \
    --cache-dir "$work/mypy" --explicit-package-bases "${sources[@]}" || status=1
"$tools/bin/python" -m pytest -q -n 2 --dist worksteal -p no:cacheprovider \
    --junit-xml="$work/TEST-pytest.xml" tests/android || status=1

# The reports of both runners.
echo "android tests: $(bash tests/junit.sh tests/android/example/target/surefire-reports/TEST-*.xml "$work/TEST-pytest.xml")"
exit "$status"
