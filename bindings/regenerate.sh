#!/usr/bin/env bash
# Everything that follows from the spec, in one go, with the time of each stage: validate, generate,
# build, bindgen for three languages, tables of the documents, scenarios of new codes, and snapshots,
# which are to be reviewed. Without a change of the spec it changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
begun=$SECONDS

stage() { # name, command
    local name=$1 start=$SECONDS
    shift
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        echo "regenerate: $name failed" >&2
        exit 1
    fi
    printf 'regenerate: %-12s %3d s\n' "$name" $((SECONDS - start))
}

spec() { cargo run --quiet --locked --package idcard-spec --features cli -- "$@"; }

schema() {
    spec schema >"$log.schema"
    cmp --silent "$log.schema" spec/schema.json || cp "$log.schema" spec/schema.json
    rm "$log.schema"
}

generate() {
    schema
    spec python bindings/python/idcard_verification
    spec scenarios tests/scenarios
}

build() {
    bash bindings/build.sh
}

snapshots() {
    INSTA_UPDATE=always INSTA_FORCE_PASS=1 \
        cargo test --quiet --locked --package idcard-spec --features emit --test snapshots
    INSTA_UPDATE=always INSTA_FORCE_PASS=1 \
        cargo test --quiet --locked --package idcard-cli --test cli -- tables
    SURFACE_UPDATE=1 BINDGEN_FOLDER="$target/bindgen" bash tests/run/surface.sh
}

# What is wrong with the spec is said as it is.
spec check
stage generate generate
stage build build
stage bindgen bash bindings/bindgen.sh "$target/bindgen"
stage tables spec tables spec/REFERENCE.md bindings/{python,kotlin,swift}/README.md
stage snapshots snapshots
echo "regenerate: done in $((SECONDS - begun)) s; read \`git diff\`, then run \`cargo make spec-diff\`"
