#!/usr/bin/env bash
# Builds slipway for other machines than this one: libgit2, whose name changes with every release of it, and what it
# needs besides are linked statically. What is left are libraries that Ubuntu 24.04, Debian 12 and later all have.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=${1:?usage: build-release.sh PREFIX}
scratch=$PWD/.build/static
libraries=$scratch/libraries

scripts/setup.sh
system=$(pkg-config --variable=libdir libgit2)

# The linker takes a shared library where it finds one: here it finds none.
mkdir -p "$libraries"
for name in git2 mbedtls mbedx509 mbedcrypto http_parser ssh2 pcre2-8 yaml; do
    if [[ ! -e $system/lib$name.a ]]; then
        echo "build-release: $system/lib$name.a is not there; build on Debian 12, whose libgit2-dev brings it" >&2
        exit 78
    fi
    ln -sf "$system/lib$name.a" "$libraries/"
done
# Needed by libgit2 itself, and kept shared: Debian has no static one.
ln -sf "$system/libgssapi_krb5.so.2" "$libraries/libgssapi_krb5.so"

# SwiftPM takes -L and -l from here and nothing else.
cat >"$libraries/libgit2.pc" <<EOF
Name: libgit2
Description: libgit2 as an archive
Version: $(pkg-config --modversion libgit2)
Libs: -L$libraries -lgit2 -lmbedtls -lmbedx509 -lmbedcrypto -lhttp_parser -lssh2 -lpcre2-8 -lgssapi_krb5 -lcrypto -lz
EOF
cat >"$libraries/yaml-0.1.pc" <<EOF
Name: yaml-0.1
Description: libyaml as an archive
Version: $(pkg-config --modversion yaml-0.1)
Libs: -L$libraries -lyaml
EOF

read -ra flags < <(make -s release-flags)
build=(swift build "${flags[@]}" --scratch-path "$scratch" --product slipway)
PKG_CONFIG_PATH=$libraries "${build[@]}"
binary=$(PKG_CONFIG_PATH=$libraries "${build[@]}" --show-bin-path)/slipway

# What it names itself; libcurl may well bring an ssh2 of its own.
if objdump -p "$binary" | grep -E 'NEEDED +lib(git2|mbed|http_parser|ssh2|pcre|yaml)' ||
    ldd "$binary" | grep -E 'libgit2|not found'; then
    echo "build-release: the libraries above should not be needed at run time" >&2
    exit 1
fi
# With libgit2 and its own in it.
scripts/check-size.sh "$binary" 23000000
install -d "$prefix/bin"
install -s -m 755 "$binary" "$prefix/bin/slipway"
