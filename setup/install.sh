#!/usr/bin/env bash
# Installs slipway for the steps that follow. What it takes, by the environment: SLIPWAY_VERSION, SLIPWAY_CHECKSUM,
# SLIPWAY_INSTALL_FROM, SLIPWAY_VERIFY_ATTESTATION, SLIPWAY_REPOSITORY, GH_TOKEN, and the runner's own variables.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
table="$here/checksums.txt"
attestation=${SLIPWAY_VERIFY_ATTESTATION:-auto}

# shellcheck source=setup/messages.sh
. "$here/messages.sh"

# Nothing but a number ever becomes part of an address or a path.
resolve_version() {
    local wanted=$1
    if [[ $wanted == latest ]]; then
        wanted=$(sed -nE 's/^[0-9a-f]{64}  slipway-([0-9.]+)-linux-.*/\1/p' "$table" | sort -uV | tail -n 1)
        [[ -n $wanted ]] || refuse "no release is known to this version of the action" \
            "set install-from: source, or use a newer version of the action"
    fi
    [[ $wanted =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || refuse "version '$wanted' is no version" "write it as 1.2.3, or latest"
    printf '%s' "$wanted"
}

machine() {
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) printf 'linux-x86_64' ;;
        Linux-aarch64 | Linux-arm64) printf 'linux-aarch64' ;;
        *) refuse "there is no slipway for $(uname -s) on $(uname -m)" "run the job on ubuntu-24.04 or ubuntu-24.04-arm" ;;
    esac
}

# The table is part of the action, so whoever pins the action pins the binaries as well.
known_checksum() {
    sed -nE "s/^([0-9a-f]{64})  ${1//./\\.}\$/\1/p" "$table"
}

checksum_of() {
    local sum=${SLIPWAY_CHECKSUM:-}
    [[ -n $sum ]] || sum=$(known_checksum "$1")
    [[ -n $sum ]] || refuse "no checksum is known for $1" \
        "use a version that this action knows, give its checksum, or set install-from: source"
    [[ $sum =~ ^[0-9a-f]{64}$ ]] || refuse "checksum '$sum' is no SHA-256" "give 64 hexadecimal digits"
    printf '%s' "$sum"
}

verify_attestation() {
    local file=$1 version=$2 repository=$3
    [[ $attestation != off ]] || { echo "attestation: not checked, verify-attestation is off"; return; }
    local missing=
    command -v gh >/dev/null || missing="gh is not there"
    [[ -n $missing || -n ${GH_TOKEN:-} ]] || missing="gh has no token"
    if [[ -n $missing ]]; then
        [[ $attestation == auto ]] || refuse "the attestation cannot be checked: $missing" \
            "install gh and give github-token, or set verify-attestation: auto"
        echo "attestation: not checked, $missing"
        return
    fi
    gh attestation verify "$file" --repo "$repository" \
        --signer-workflow "$repository/.github/workflows/release.yml" \
        --source-ref "refs/tags/v$version" --deny-self-hosted-runners ||
        refuse "the attestation of ${file##*/} is not that of $repository's release v$version" \
            "do not use this file; report it to the project"
    echo "attestation: built by the release workflow of $repository at v$version"
}

# An archive must not write anywhere but into its own folder.
unpack() {
    local archive=$1 folder=$2 names
    names=$(tar -tzf "$archive") || refuse "${archive##*/} is no archive" "report it to the project"
    if grep -qE '^/|(^|/)\.\.(/|$)' <<<"$names"; then
        refuse "${archive##*/} holds paths outside its folder" "do not use this file; report it to the project"
    fi
    tar -xzf "$archive" -C "$folder" --no-same-owner --strip-components 1
}

install_release() {
    local version asset sum scratch cached repository=${SLIPWAY_REPOSITORY:-}
    version=$(resolve_version "$SLIPWAY_VERSION")
    asset="slipway-$version-$(machine).tar.gz"
    sum=$(checksum_of "$asset")
    # By checksum: another file of the same version is another folder.
    cached="${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/slipway/$version/$sum"
    if [[ -e $cached.complete ]]; then
        echo "found slipway $version in the tool cache"
    else
        [[ $repository =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || refuse "repository '$repository' is no owner/name"
        scratch=$(mktemp -d "$RUNNER_TEMP/slipway-download.XXXXXX")
        curl -fsSL --retry 3 --max-time 300 -o "$scratch/$asset" \
            "${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download/v$version/$asset" ||
            refuse "release v$version of $repository could not be downloaded" "look whether it is there"
        printf '%s  %s\n' "$sum" "$scratch/$asset" | sha256sum --check --status ||
            refuse "$asset is not the file whose checksum is $sum" "do not use this file; report it to the project"
        echo "checksum: $asset is $sum"
        verify_attestation "$scratch/$asset" "$version" "$repository"
        mkdir -p "$cached"
        unpack "$scratch/$asset" "$cached"
        touch "$cached.complete"
    fi
    bin="$cached/bin"
}

# Takes minutes, and needs Swift; only ever because somebody asked for it.
install_source() {
    echo "building slipway from $root"
    make -C "$root" install PREFIX="$RUNNER_TEMP/slipway-source"
    bin="$RUNNER_TEMP/slipway-source/bin"
}

case ${SLIPWAY_INSTALL_FROM:-release} in
    release) install_release ;;
    source) install_source ;;
    *) refuse "install-from '$SLIPWAY_INSTALL_FROM' is no choice" "write release or source" ;;
esac

# The name of a release and what the binary calls itself are the same thing, or the wrong file was installed.
installed=$("$bin/slipway" --version)
if [[ ${SLIPWAY_INSTALL_FROM:-release} == release && $SLIPWAY_VERSION != latest && $installed != "$SLIPWAY_VERSION" ]]; then
    refuse "what was installed calls itself slipway $installed, not $SLIPWAY_VERSION"
fi
printf '%s\n' "$bin" >>"$GITHUB_PATH"
printf 'version=%s\npath=%s\n' "$installed" "$bin" >>"$GITHUB_OUTPUT"
echo "slipway $installed is in $bin"
