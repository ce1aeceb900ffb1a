# shellcheck shell=dash
# Sourced by the scripts that install a release, after messages.sh and with the text of SHA256SUMS in $checksums:
# downloads an archive, verifies it, and unpacks it. Needs sh, tar, gzip, sha256sum, and one of curl, wget and python3.

: "${checksums?}"

is_sha256() {
    case $1 in
        *[!0-9a-f]*) return 1 ;;
    esac
    [ ${#1} -eq 64 ]
}

# Only digits and dots become part of a URL or a path.
check_version() {
    case $1 in
        *[!0-9.]* | .* | *. | *..* | *.*.*.*) ;;
        *.*.*) return ;;
    esac
    refuse "invalid version '$1'" "write it as 1.2.3, or latest"
}

newest_version() {
    printf '%s\n' "$checksums" | sed -nE 's/^[0-9a-f]{64}  slipway-([0-9.]+)-linux-.*/\1/p' \
        | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1
}

machine() {
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) printf 'linux-x86_64' ;;
        Linux-aarch64 | Linux-arm64) printf 'linux-aarch64' ;;
        *) refuse "no release for $(uname -s) on $(uname -m)" "use Linux on x86-64 or on 64-bit ARM" ;;
    esac
}

# checksum_of ARCHIVE: the user's own, else that of the table.
checksum_of() {
    local sum=${SLIPWAY_CHECKSUM:-}
    [ -n "$sum" ] || sum=$(printf '%s\n' "$checksums" | sed -nE "s/^([0-9a-f]{64})  $1\$/\1/p")
    [ -n "$sum" ] || refuse "unknown checksum of $1" "use a version of the list of checksums, or pass the checksum"
    is_sha256 "$sum" || refuse "invalid SHA-256 '$sum'" "pass 64 hexadecimal digits"
    printf '%s' "$sum"
}

# download URL FILE: with what the image has.
download() {
    if command -v curl >/dev/null; then
        curl -fsSL --retry 3 --max-time 300 -o "$2" "$1"
    elif command -v wget >/dev/null; then
        wget -q -O "$2" "$1"
    elif command -v python3 >/dev/null; then
        python3 -c 'import shutil, sys, urllib.request as u
with u.urlopen(sys.argv[1], timeout=300) as answer, open(sys.argv[2], "wb") as file: shutil.copyfileobj(answer, file)' \
            "$1" "$2"
    else
        refuse "cannot download: no curl, wget or python3 on PATH" "install one of them in the image"
    fi
}

# verify_attestation FILE VERSION REPOSITORY
verify_attestation() {
    local missing='' mode=${SLIPWAY_VERIFY_ATTESTATION:-auto}
    [ "$mode" != off ] || { echo "attestation: not verified (verify-attestation is off)"; return 0; }
    command -v gh >/dev/null || missing="gh is not installed"
    [ -n "$missing" ] || [ -n "${GH_TOKEN:-}" ] || missing="gh has no token"
    if [ -n "$missing" ]; then
        [ "$mode" = auto ] || refuse "cannot verify the attestation: $missing" \
            "install gh and pass github-token, or set verify-attestation: auto"
        echo "attestation: not verified ($missing)"
        return 0
    fi
    gh attestation verify "$1" --repo "$3" --signer-workflow "$3/.github/workflows/release.yml" \
        --source-ref "refs/tags/v$2" --deny-self-hosted-runners ||
        refuse "attestation mismatch: ${1##*/} was not built by the release workflow of $3 at v$2" \
            "do not use this file; report it to the project"
    echo "attestation: built by the release workflow of $3 at v$2"
}

# unpack ARCHIVE FOLDER: refuses archives that would write outside their folder.
unpack() {
    local names
    names=$(tar -tzf "$1") || refuse "invalid archive ${1##*/}" "report it to the project"
    if printf '%s\n' "$names" | grep -qE '^/|(^|/)\.\.(/|$)'; then
        refuse "${1##*/} contains paths outside its folder" "do not use this file; report it to the project"
    fi
    tar -xzf "$1" -C "$2" -o --strip-components 1
}

# fetch_release VERSION REPOSITORY SUM FOLDER SCRATCH: nothing is in FOLDER until all is verified.
fetch_release() {
    local archive releases
    archive="slipway-$1-$(machine).tar.gz"
    case $2 in
        */*/* | */ | /* | *[!A-Za-z0-9_./-]*) refuse "invalid repository '$2': not owner/name" ;;
        */*) ;;
        *) refuse "invalid repository '$2': not owner/name" ;;
    esac
    releases=${SLIPWAY_RELEASES:-${GITHUB_SERVER_URL:-https://github.com}/$2/releases/download}
    download "$releases/v$1/$archive" "$5/$archive" ||
        refuse "cannot download release v$1 of $2" "check that the release exists"
    [ "$(sha256sum "$5/$archive" | cut -d ' ' -f 1)" = "$3" ] ||
        refuse "checksum mismatch: $archive does not have the SHA-256 $3" "do not use this file; report it to the project"
    echo "checksum: $archive is $3"
    verify_attestation "$5/$archive" "$1" "$2"
    mkdir -p "$4"
    unpack "$5/$archive" "$4"
}
