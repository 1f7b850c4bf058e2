#!/usr/bin/env bash
# Adds up the reports of JUnit that are given: "N passed, N failed".
cat "$@" 2>/dev/null |
    grep -Eo '<testsuite [^>]*' |
    awk '{
        match($0, / tests="[0-9]+/); tests += substr($0, RSTART + 8, RLENGTH - 8)
        match($0, / failures="[0-9]+/); failed += substr($0, RSTART + 11, RLENGTH - 11)
        match($0, / errors="[0-9]+/); failed += substr($0, RSTART + 9, RLENGTH - 9)
    } END { printf "%d passed, %d failed", tests - failed, failed }'
