#!/usr/bin/env bash
# Makes the bundle that Maven Central takes: the layout of a repository, with a signature and two
# checksums beside each file.
#
#   central.sh FOLDER BUNDLE.zip     FOLDER has the poms, jars and the AAR side by side
#
# gpg signs with its default key, or with that of GPG_KEY; GPG_PASSPHRASE unlocks it.
set -euo pipefail
[ $# -eq 2 ] || { sed -n '2,/^set/{/^#/p}' "$0" >&2; exit 2; }
folder=$1
bundle=$(python3 -c 'import os, sys; print(os.path.abspath(sys.argv[1]))' "$2")
group=io/github/idcardverification

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for pom in "$folder"/*.pom; do
    [ -e "$pom" ] || { echo "central: $folder has no pom" >&2; exit 1; }
    base=$(basename "$pom" .pom) # name-1.2.3 or name-1.2.3-rc.1
    version=$(grep -Eo '[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$' <<<"$base") || {
        echo "central: $pom is not named after a version" >&2
        exit 1
    }
    place="$work/$group/${base%-"$version"}/$version"
    mkdir -p "$place"
    # The pom itself, the jar or the AAR, and -sources and -javadoc; what cargo-cyclonedx wrote is not of Maven.
    for file in "$folder/$base".{pom,jar,aar} "$folder/$base"-{sources,javadoc}.jar; do
        [ ! -e "$file" ] || cp "$file" "$place/"
    done
done

sign=(gpg --batch --yes --quiet --armor --detach-sign)
[ -z "${GPG_KEY:-}" ] || sign+=(--local-user "$GPG_KEY")
[ -z "${GPG_PASSPHRASE:-}" ] || sign+=(--pinentry-mode loopback --passphrase-fd 0)
while IFS= read -r file; do
    # Not by an argument: those are seen by every process of the machine.
    "${sign[@]}" "$file" <<<"${GPG_PASSPHRASE:-}"
    for sum in md5 sha1; do
        "${sum}sum" "$file" | cut -d ' ' -f 1 >"$file.$sum"
    done
done < <(find "$work" -type f | sort)

rm -f "$bundle"
(cd "$work" && python3 -m zipfile -c "$bundle" ./*)
echo "$bundle: $(python3 -m zipfile -l "$bundle" | grep -c "$group.*[^/] ") files"
