#!/usr/bin/env bash
# Prints the mirror of Debian that this machine's own packages come from; nothing where there is none.
sed -nE 's/^URIs:[[:space:]]*(\S+).*/\1/p; s/^deb (\[[^]]*\] )?(\S+) .*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | grep -m1 '/debian' || true
