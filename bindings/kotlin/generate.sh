#!/usr/bin/env bash
# Generates the Kotlin sources from the built library and from the tools, and lays both libraries where
# the jars take them from: bindings/kotlin/target/generated. With IDCARD_NATIVES the library's jar gets those of
# other platforms too.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
generated=bindings/kotlin/target/generated

bash bindings/build.sh --profile library
case "$(uname -s)" in
Darwin) extension=dylib os=darwin ;;
*) extension=so os=linux ;;
esac
case "$(uname -m)" in
x86_64) platform=$os-x86-64 ;;
*) platform=$os-aarch64 ;;
esac

# Maven leaves classes where they are whose sources have gone.
rm -rf "$generated" bindings/kotlin/*/target/{classes,test-classes,surefire-reports}
for name in ffi tools; do
    library="libidcard_verification_$name.$extension"
    folder="$generated/$name"
    mkdir -p "$folder/kotlin" "$folder/native/$platform"
    "$target/debug/uniffi-bindgen" generate "$target/library/$library" --language kotlin --no-format \
        --config bindings/uniffi.toml --out-dir "$folder/kotlin"
    cp "$target/library/$library" "$folder/native/$platform/"
    # The metadata for uniffi-bindgen lies in the symbols, which nobody needs from here on.
    if [ "$os" = linux ]; then strip "$folder/native/$platform/$library"; fi
done

# The libraries of other platforms, which a release has built into target/native before.
if [ -n "${IDCARD_NATIVES:-}" ]; then bash bindings/platforms.sh natives "$generated/ffi/native"; fi
