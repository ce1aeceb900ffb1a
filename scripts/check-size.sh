#!/usr/bin/env bash
# The binary that CI jobs download stays small: under 26 MB stripped, without ICU, the server or SQLite. One of `make build`
# may be larger: it is not optimised across modules.
set -euo pipefail

binary=${1:?usage: check-size.sh BINARY [BYTES]}
limit=${2:-26000000}

stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$binary"
size=$(stat -c %s "$stripped")
echo "size: $binary is $size bytes stripped (limit $limit)"
if ((size >= limit)); then
    echo "size: too large; see what a dependency pulled in: full Foundation brings ICU (45 MB)" >&2
    exit 1
fi
if ldd "$binary" | grep -E 'libicu|lib_FoundationICU|libFoundationNetworking|libsqlite3'; then
    echo "size: $binary links what it must not" >&2
    exit 1
fi
if nm -D --defined-only "$binary" 2>/dev/null | grep -q 'udat_open' || strings -n 8 "$stripped" | grep -q '^icudt[0-9][0-9]l'; then
    echo "size: $binary carries ICU" >&2
    exit 1
fi
