#!/usr/bin/env bash
# Runs the tests of the given languages, all of them even if one fails, and ends with one line for
# all together. A language's tests are tests/run/LANGUAGE.sh; it prints its runner's own output.
set -uo pipefail
cd "$(dirname "$0")/.."

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0 status=0 scenarios='' times=''

# Takes out the colours that some runners write even into a pipe.
plain() {
    awk '{ gsub(/\033\[[0-9;]*m/, ""); print; fflush() }'
}

# Adds up "N passed" and "N failed" of the lines with which the runners close.
count() { # word, log
    grep -Eo "^(test result: .*|[a-z]+ tests: [0-9]+ passed, [0-9]+ failed)\$" "$2" |
        grep -Eo "[0-9]+ $1" | awk '{sum += $1} END {print sum + 0}'
}

for language in "$@"; do
    echo "== $language"
    begun=$SECONDS
    # What was built by those before need not be built again.
    export EARLIER="${EARLIER:-} $language"
    { bash tests/toolchains.sh "$language" && bash "tests/run/$language.sh"; } 2>&1 | plain | tee "$logs/$language"
    code=${PIPESTATUS[0]}
    language_passed=$(count passed "$logs/$language")
    language_failed=$(count failed "$logs/$language")
    if [ "$code" -ne 0 ] || [ "$language_passed" -eq 0 ]; then
        status=1
        [ "$language_failed" -gt 0 ] || language_failed=1
    fi
    times="$times$(printf '%-12s %5d s  %5d passed  %d failed' "$language" $((SECONDS - begun)) "$language_passed" "$language_failed")"$'\n'
    passed=$((passed + language_passed))
    failed=$((failed + language_failed))
    if grep -q ' scenarios, each' "$logs/$language" || [ "$language" = rust ]; then
        ran=$(grep -Eo "^$language: [0-9]+ scenarios" "$logs/$language" | grep -Eo '[0-9]+' | tail -n 1)
        scenarios="$scenarios $language ${ran:-0}"
    fi
done

echo "== scenarios:$scenarios"
if [ "$(tr ' ' '\n' <<<"$scenarios" | grep -E '^[0-9]+$' | sort -u | wc -l)" -gt 1 ]; then
    echo "the languages did not run the same number of scenarios" >&2
    failed=$((failed + 1)) status=1
fi
printf '%s' "$times"
echo "$passed passed, $failed failed"
exit "$status"
