#!/usr/bin/env bash
# Makes the test authority and the certificates that the sandbox shows, good and bad. They are
# committed: run it only to change them. The key of the authority is thrown away.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
elliptic=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

openssl req -x509 "${elliptic[@]}" -keyout "$work/ca.key" -out ca.pem -days 36500 \
    -subj "/CN=idcard-verification test authority" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" 2>/dev/null

# Signs a certificate for these names, valid between these dates (YYYYMMDDHHMMSSZ).
leaf() { # file, names, from, until
    openssl req "${elliptic[@]}" -keyout "$1.key" -out "$work/$1.csr" -subj "/CN=$1" 2>/dev/null
    printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=%s\n' "$2" >"$work/$1.ext"
    mkdir "$work/$1" && touch "$work/$1/index.txt"
    printf '[ca]\ndefault_ca=own\n[own]\ndatabase=%s/index.txt\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n' \
        "$work/$1" "$work/$1" >"$work/$1.cnf"
    openssl ca -batch -notext -config "$work/$1.cnf" -cert ca.pem -keyfile "$work/ca.key" \
        -in "$work/$1.csr" -out "$1.pem" -extfile "$work/$1.ext" -startdate "$3" -enddate "$4" 2>/dev/null
}

here=DNS:localhost,IP:127.0.0.1
leaf good "$here,DNS:faceid.sandbox.invalid" 20240101000000Z 21240101000000Z
leaf wrong-host DNS:elsewhere.invalid 20240101000000Z 21240101000000Z
leaf expired "$here" 20240101000000Z 20240201000000Z
openssl req -x509 "${elliptic[@]}" -keyout self-signed.key -out self-signed.pem -days 36500 \
    -subj "/CN=self-signed" -addext "subjectAltName=$here" -addext "basicConstraints=critical,CA:FALSE" 2>/dev/null
