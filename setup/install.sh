#!/bin/sh
# shellcheck shell=dash
# Installs slipway for the following steps. Reads SLIPWAY_VERSION, SLIPWAY_CHECKSUM, SLIPWAY_INSTALL_FROM,
# SLIPWAY_VERIFY_ATTESTATION, SLIPWAY_REPOSITORY, GH_TOKEN and the runner's variables from the environment.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# The table is part of the action, so pinning the action pins the binaries too.
checksums=$(cat "$here/checksums.txt")

# shellcheck source=setup/messages.sh
. "$here/messages.sh"
# shellcheck source=setup/release.sh
. "$here/release.sh"

install_release() {
    local version=$SLIPWAY_VERSION archive sum cached scratch
    if [ "$version" = latest ]; then
        version=$(newest_version)
        [ -n "$version" ] || refuse "this version of the action knows no release" \
            "set install-from: source, or use a newer version of the action"
    fi
    check_version "$version"
    archive="slipway-$version-$(machine).tar.gz"
    sum=$(checksum_of "$archive")
    # By checksum, so that another file of the same version gets another folder.
    cached="${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/slipway/$version/$sum"
    if [ -e "$cached.complete" ]; then
        echo "found slipway $version in the tool cache"
    else
        scratch=$(mktemp -d "$RUNNER_TEMP/slipway-download.XXXXXX")
        fetch_release "$version" "${SLIPWAY_REPOSITORY:-}" "$sum" "$cached" "$scratch"
        : >"$cached.complete"
    fi
    bin="$cached/bin"
}

# Takes several minutes and requires Swift.
install_source() {
    local root
    root=$(dirname "$here")
    echo "building slipway from $root"
    make -C "$root" install PREFIX="$RUNNER_TEMP/slipway-source"
    bin="$RUNNER_TEMP/slipway-source/bin"
}

from=${SLIPWAY_INSTALL_FROM:-release}
case $from in
    release) install_release ;;
    source) install_source ;;
    *) refuse "invalid install-from '$from'" "use release or source" ;;
esac

# A binary that reports another version than the release's is the wrong file.
installed=$("$bin/slipway" --version)
if [ "$from" = release ] && [ "$SLIPWAY_VERSION" != latest ] && [ "$installed" != "$SLIPWAY_VERSION" ]; then
    refuse "version mismatch: installed slipway $installed instead of $SLIPWAY_VERSION"
fi
printf '%s\n' "$bin" >>"$GITHUB_PATH"
printf 'version=%s\npath=%s\n' "$installed" "$bin" >>"$GITHUB_OUTPUT"
echo "installed slipway $installed in $bin"
