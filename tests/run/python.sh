#!/usr/bin/env bash
# The tests of the Python package: the wheel is built, installed into a new environment and used
# there; the sources are linted and checked by `mypy --strict`.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
wheels="$target/wheels"
tools="$target/python-tools"
clean="$target/python-clean"

bash bindings/python/build.sh
rm -rf "$clean"
python3 -m venv "$clean"
"$clean/bin/pip" install --quiet pytest "$wheels"/*.whl
cd bindings/python
"$tools/bin/ruff" format --check .
"$tools/bin/ruff" check .
"$tools/bin/mypy" --python-executable "$clean/bin/python" -p idcard_verification
"$tools/bin/mypy" --python-executable "$clean/bin/python" tests/user_script.py
"$tools/bin/mypy" --python-executable "$clean/bin/python" examples/signing_backend.py examples/device.py benches/whole_call.py
cd tests
"$clean/bin/python" -m pytest -q --import-mode=append -p no:cacheprovider .
