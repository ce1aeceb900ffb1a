#!/usr/bin/env bash
# Makes the static C libraries of a release binary in FOLDER, from the pinned packages of scripts/release/versions:
# OpenSSL with what TLS 1.2 and 1.3 use, libcurl with HTTP, HTTPS, HTTP/2 and proxies, resolving names by c-ares, and
# libgit2 without TLS and SSH.
# Does nothing when FOLDER was made by the same scripts. Usage: libraries.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=${1:?usage: libraries.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
prefix=$folder/prefix
versions=$PWD/scripts/release/versions
machine=$(dpkg --print-architecture)

stamp=$(cat "$versions" "$0" | sha256sum)
[[ -f $folder/stamp && $(<"$folder/stamp") == "$stamp" ]] && exit
rm -rf "$prefix" "$folder/sources" "$folder/build" "$folder/stamp"
mkdir -p "$prefix/licenses" "$folder/sources" "$folder/build" "$folder/downloads"

fail() {
    printf 'libraries: %s\n' "$@" >&2
    exit 65
}

# The rows for this machine: kind suite package version sha256 file.
rows() { awk -v machine="$machine" '/^[a-z]/ && ($1 == "source" || $1 == "tarball" || $1 == machine)' "$versions"; }

[[ $(rows | grep -c "^$machine ") -gt 0 ]] || fail "no packages are pinned for $machine in $versions"

# apt with lists of its own: the system's are left alone, and lack sources. The mirror is the system's.
# shellcheck disable=SC2016
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' |
    sed -nE 's#^(.*)/debian/?$#\1#p' | head -n 1)}
[[ -n $mirror ]] || fail "no Debian mirror is configured in apt" "hint: run it on Debian, or set DEBIAN_MIRROR to its URL"
apt=$folder/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources"
for suite in bookworm trixie; do
    cat >"$apt/sources/$suite.sources" <<END
Types: deb deb-src
URIs: $mirror/debian
Suites: $suite $suite-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: $mirror/debian-security
Suites: $suite-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
done
cat >"$apt/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
Dir::State::lists "$apt/lists";
Dir::State::status "/dev/null";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
END
export APT_CONFIG=$apt/apt.conf

matches() { echo "$2  $1" | sha256sum --check --status 2>/dev/null; }

updated=
cd "$folder/downloads"
while read -r kind suite package version sum file; do
    matches "$file" "$sum" && continue
    [[ $updated ]] || apt-get update -qq || fail "the package lists of Debian cannot be read"
    updated=yes
    rm -f "$file"
    case $kind in
    source) apt-get source -qq --download-only "$package=$version" ;;
    tarball) apt-get source -qq --download-only --tar-only "$package=$version" ;;
    *) apt-get download -qq "$package=$version" ;;
    esac >&2 || fail "$suite has no $package $version any more" \
        "hint: update scripts/release/versions, whose head says how"
    matches "$file" "$sum" || fail "checksum of $file: $(sha256sum "$file" | cut -d' ' -f1), expected $sum" \
        "hint: see scripts/release/versions, whose head says how to update it"
done < <(rows)

while read -r kind _ package version _ file; do
    case $kind in
    source)
        [[ -d $folder/sources/$package ]] ||
            dpkg-source --no-check --extract "${package}_${version#*:}.dsc" "$folder/sources/$package" >/dev/null
        cp "$folder/sources/$package/debian/copyright" "$prefix/licenses/$package" ;;
    tarball)
        mkdir "$folder/sources/$package"
        tar -xf "$file" -C "$folder/sources/$package" --strip-components=1
        cp "$folder/sources/$package/LICENSE.txt" "$prefix/licenses/$package" ;;
    *)
        dpkg-deb --extract "$file" "$folder/build/$package"
        cp "$folder/build/$package/usr/share/doc/$package/copyright" "$prefix/licenses/$package"
        mkdir -p "$prefix/include" "$prefix/lib"
        cp -RL "$folder/build/$package/usr/include/." "$prefix/include/"
        find "$folder/build/$package" -name '*.a' -exec cp {} "$prefix/lib/" \; ;;
    esac
done < <(rows)

# Nothing is unwound through them, because no thread begins or ends in C: that saves 0.4 MB.
tables=(-fno-asynchronous-unwind-tables -fno-unwind-tables)

make_library() {
    local name=$1
    shift
    cmake -S "$folder/sources/$name" -B "$folder/build/$name" -DCMAKE_BUILD_TYPE=MinSizeRel \
        -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="${CC:-clang}" -DCMAKE_C_FLAGS="-ffunction-sections -fdata-sections ${tables[*]}" \
        -DCMAKE_POSITION_INDEPENDENT_CODE=OFF -DBUILD_SHARED_LIBS=OFF -Wno-dev "$@" &&
        cmake --build "$folder/build/$name" --parallel &&
        cmake --install "$folder/build/$name"
}

# Security level 2 is Debian's own default. Only TLS over TCP is used, by a client.
make_openssl() {
    cd "$folder/sources/$1" &&
        ./Configure "$2" --prefix="$prefix" --libdir=lib --openssldir=/etc/ssl CC="${CC:-clang}" \
            -Os -ffunction-sections -fdata-sections "${tables[@]}" -DOPENSSL_TLS_SECURITY_LEVEL=2 \
            no-shared no-module no-pic no-tests no-legacy no-deprecated no-engine no-dso no-autoload-config \
            no-ssl3 no-tls1 no-tls1_1 no-dtls no-sctp no-srtp no-psk no-srp no-nextprotoneg no-comp no-async \
            no-aria no-bf no-blake2 no-camellia no-cast no-des no-dsa no-ec2m no-gost no-idea no-md4 no-mdc2 no-ocb \
            no-rc2 no-rc4 no-rmd160 no-scrypt no-seed no-siphash no-siv no-sm2 no-sm3 no-sm4 no-whirlpool \
            no-cmp no-cms no-ct no-ocsp no-ts no-rfc3779 no-ui-console &&
        make --jobs="$(nproc)" build_libs &&
        make install_dev
}

# A library's log is shown only when it fails.
step() {
    echo "libraries: $2" >&2
    ("$@") >"$folder/build/$2.log" 2>&1 || { tail -n 40 "$folder/build/$2.log" >&2; fail "$2 cannot be built"; }
}

case $machine in
amd64) step make_openssl openssl linux-x86_64 ;;
arm64) step make_openssl openssl linux-aarch64 ;;
esac
step make_library c-ares -DCARES_STATIC=ON -DCARES_SHARED=OFF -DCARES_BUILD_TOOLS=OFF
step make_library nghttp2 -DENABLE_LIB_ONLY=ON -DENABLE_STATIC_LIB=ON -DENABLE_SHARED_LIB=OFF -DENABLE_DOC=OFF
step make_library curl -DHTTP_ONLY=ON -DENABLE_ARES=ON -DUSE_NGHTTP2=ON -DCURL_USE_OPENSSL=ON \
    -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON \
    -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBPSL=OFF -DUSE_LIBIDN2=OFF -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF \
    -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_CRYPTO_AUTH=ON -DCURL_DISABLE_DOH=ON \
    -DCURL_DISABLE_GETOPTIONS=ON -DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_MIME=ON -DCURL_DISABLE_NETRC=ON \
    -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_PROGRESS_METER=ON -DENABLE_UNIX_SOCKETS=OFF \
    -DZLIB_LIBRARY="$prefix/lib/libz.a" -DZLIB_INCLUDE_DIR="$prefix/include" \
    -DOPENSSL_ROOT_DIR="$prefix" -DOPENSSL_USE_STATIC_LIBS=ON
step make_library libgit2 -DUSE_HTTPS=OFF -DUSE_SSH=OFF -DUSE_NTLMCLIENT=OFF -DUSE_HTTP_PARSER=http-parser \
    -DUSE_SHA256=builtin -DREGEX_BACKEND=regcomp -DBUILD_TESTS=OFF -DBUILD_CLI=OFF -DBUILD_EXAMPLES=OFF \
    -DHTTP_PARSER_LIBRARY="$prefix/lib/libhttp_parser.a" -DHTTP_PARSER_INCLUDE_DIR="$prefix/include" \
    -DZLIB_LIBRARY="$prefix/lib/libz.a" -DZLIB_INCLUDE_DIR="$prefix/include"

# SwiftPM reads -I, -L and -l here and nothing else; the linker finds these archives before the system's.
rm -rf "$prefix/lib/pkgconfig" "$prefix/lib/cmake"
mkdir -p "$prefix/lib/pkgconfig"
describe() {
    printf '%s\n' "Name: $1" "Description: $1 as an archive" "Version: 1" "Cflags: -I$prefix/include" \
        "Libs: -L$prefix/lib $2" >"$prefix/lib/pkgconfig/$1.pc"
}
describe libcurl "-lcurl -lcares -lnghttp2 -lssl -lcrypto -lz"
describe libgit2 "-lgit2 -lhttp_parser -lz"
describe yaml-0.1 "-lyaml"
describe zlib "-lz"
rm -rf "$folder/build" "$folder/sources"
echo "$stamp" >"$folder/stamp"
