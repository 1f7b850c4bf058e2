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
"$clean/bin/pip" install --quiet pytest pandas polars "$wheels"/*.whl
# The release tool's Python by the same rules.
"$tools/bin/ruff" format --check --config bindings/python/pyproject.toml .ci/release
"$tools/bin/ruff" check --config bindings/python/pyproject.toml .ci/release
(cd .ci/release && "$tools/bin/mypy" --strict --python-version 3.11 ./*.py)
cd bindings/python
"$tools/bin/ruff" format --check .
"$tools/bin/ruff" check .
"$tools/bin/mypy" --python-executable "$clean/bin/python" -p idcard_verification -p idcard_verification_tools
"$tools/bin/mypy" --python-executable "$clean/bin/python" tests/user_script.py
"$tools/bin/mypy" --python-executable "$clean/bin/python" examples/signing_backend.py examples/device.py examples/sqlite_ledger.py benches/whole_call.py
# The same by another checker of types, of the packages as they are installed.
checked="$target/python-checked"
rm -rf "$checked" && mkdir -p "$checked/scripts"
cp -r "$clean"/lib/python3*/site-packages/idcard_verification{,_tools} "$checked/"
awk '/^## First call/ {here = 1} here && $0 == "```python" {on = 1; next} $0 == "```" && on {exit} on' README.md \
    >"$checked/scripts/first_call.py"
cp tests/user_script.py examples/*.py benches/*.py "$checked/scripts/"
# What is generated is checked where it is used.
printf '{"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": ["."], "exclude": ["**/_native"], "reportPrivateUsage": "none"}\n' \
    >"$checked/pyrightconfig.json"
"$tools/bin/pyright" --project "$checked" --pythonpath "$clean/bin/python" --outputjson >"$checked/found.json" || true
"$clean/bin/python" - "$checked/found.json" <<'END'
import json
import sys

found = json.load(open(sys.argv[1], encoding="utf-8"))
for one in found["generalDiagnostics"]:
    place = f"{one['file'].rsplit('/', 2)[-2]}/{one['file'].rsplit('/', 1)[-1]}:{one['range']['start']['line'] + 1}"
    print(f"pyright: {place}: {one['message'].splitlines()[0]} ({one.get('rule', '')})")
files = found["summary"]["filesAnalyzed"]
print(f"pyright: {files} files")
sys.exit(bool(found["generalDiagnostics"]) or files < 20)
END
cd tests
"$clean/bin/python" -m pytest -q --import-mode=append -p no:cacheprovider .
