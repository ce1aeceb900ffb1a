#!/usr/bin/env bash
# Installs slipway for the following steps. Reads SLIPWAY_VERSION, SLIPWAY_CHECKSUM, SLIPWAY_INSTALL_FROM,
# SLIPWAY_VERIFY_ATTESTATION, SLIPWAY_REPOSITORY, GH_TOKEN and the runner's variables from the environment.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
table="$here/checksums.txt"
attestation=${SLIPWAY_VERIFY_ATTESTATION:-auto}

# shellcheck source=setup/messages.sh
. "$here/messages.sh"

# Only digits and dots become part of a URL or a path.
resolve_version() {
    local wanted=$1
    if [[ $wanted == latest ]]; then
        wanted=$(sed -nE 's/^[0-9a-f]{64}  slipway-([0-9.]+)-linux-.*/\1/p' "$table" | sort -uV | tail -n 1)
        [[ -n $wanted ]] || refuse "this version of the action knows no release" \
            "set install-from: source, or use a newer version of the action"
    fi
    [[ $wanted =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || refuse "invalid version '$wanted'" "write it as 1.2.3, or latest"
    printf '%s' "$wanted"
}

machine() {
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) printf 'linux-x86_64' ;;
        Linux-aarch64 | Linux-arm64) printf 'linux-aarch64' ;;
        *) refuse "no release for $(uname -s) on $(uname -m)" "run the job on ubuntu-24.04 or ubuntu-24.04-arm" ;;
    esac
}

# The table is part of the action, so pinning the action pins the binaries too.
known_checksum() {
    sed -nE "s/^([0-9a-f]{64})  ${1//./\\.}\$/\1/p" "$table"
}

checksum_of() {
    local sum=${SLIPWAY_CHECKSUM:-}
    [[ -n $sum ]] || sum=$(known_checksum "$1")
    [[ -n $sum ]] || refuse "unknown checksum of $1" \
        "use a version that this action knows, pass checksum, or set install-from: source"
    [[ $sum =~ ^[0-9a-f]{64}$ ]] || refuse "invalid SHA-256 '$sum'" "pass 64 hexadecimal digits"
    printf '%s' "$sum"
}

verify_attestation() {
    local file=$1 version=$2 repository=$3
    [[ $attestation != off ]] || { echo "attestation: not verified (verify-attestation is off)"; return; }
    local missing=
    command -v gh >/dev/null || missing="gh is not installed"
    [[ -n $missing || -n ${GH_TOKEN:-} ]] || missing="gh has no token"
    if [[ -n $missing ]]; then
        [[ $attestation == auto ]] || refuse "cannot verify the attestation: $missing" \
            "install gh and pass github-token, or set verify-attestation: auto"
        echo "attestation: not verified ($missing)"
        return
    fi
    gh attestation verify "$file" --repo "$repository" \
        --signer-workflow "$repository/.github/workflows/release.yml" \
        --source-ref "refs/tags/v$version" --deny-self-hosted-runners ||
        refuse "attestation mismatch: ${file##*/} was not built by the release workflow of $repository at v$version" \
            "do not use this file; report it to the project"
    echo "attestation: built by the release workflow of $repository at v$version"
}

# Refuses archives that would write outside their folder.
unpack() {
    local archive=$1 folder=$2 names
    names=$(tar -tzf "$archive") || refuse "invalid archive ${archive##*/}" "report it to the project"
    if grep -qE '^/|(^|/)\.\.(/|$)' <<<"$names"; then
        refuse "${archive##*/} contains paths outside its folder" "do not use this file; report it to the project"
    fi
    tar -xzf "$archive" -C "$folder" --no-same-owner --strip-components 1
}

install_release() {
    local version asset sum scratch cached repository=${SLIPWAY_REPOSITORY:-}
    version=$(resolve_version "$SLIPWAY_VERSION")
    asset="slipway-$version-$(machine).tar.gz"
    sum=$(checksum_of "$asset")
    # By checksum, so that another file of the same version gets another folder.
    cached="${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/slipway/$version/$sum"
    if [[ -e $cached.complete ]]; then
        echo "found slipway $version in the tool cache"
    else
        [[ $repository =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || refuse "invalid repository '$repository': not owner/name"
        scratch=$(mktemp -d "$RUNNER_TEMP/slipway-download.XXXXXX")
        curl -fsSL --retry 3 --max-time 300 -o "$scratch/$asset" \
            "${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download/v$version/$asset" ||
            refuse "cannot download release v$version of $repository" "check that the release exists"
        printf '%s  %s\n' "$sum" "$scratch/$asset" | sha256sum --check --status ||
            refuse "checksum mismatch: $asset does not have the SHA-256 $sum" "do not use this file; report it to the project"
        echo "checksum: $asset is $sum"
        verify_attestation "$scratch/$asset" "$version" "$repository"
        mkdir -p "$cached"
        unpack "$scratch/$asset" "$cached"
        touch "$cached.complete"
    fi
    bin="$cached/bin"
}

# Takes several minutes and requires Swift.
install_source() {
    echo "building slipway from $root"
    make -C "$root" install PREFIX="$RUNNER_TEMP/slipway-source"
    bin="$RUNNER_TEMP/slipway-source/bin"
}

case ${SLIPWAY_INSTALL_FROM:-release} in
    release) install_release ;;
    source) install_source ;;
    *) refuse "invalid install-from '$SLIPWAY_INSTALL_FROM'" "use release or source" ;;
esac

# A binary that reports another version than the release's is the wrong file.
installed=$("$bin/slipway" --version)
if [[ ${SLIPWAY_INSTALL_FROM:-release} == release && $SLIPWAY_VERSION != latest && $installed != "$SLIPWAY_VERSION" ]]; then
    refuse "version mismatch: installed slipway $installed instead of $SLIPWAY_VERSION"
fi
printf '%s\n' "$bin" >>"$GITHUB_PATH"
printf 'version=%s\npath=%s\n' "$installed" "$bin" >>"$GITHUB_OUTPUT"
echo "installed slipway $installed in $bin"
