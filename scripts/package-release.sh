#!/usr/bin/env bash
# Builds and packs a release, and lists what is in it.
set -euo pipefail
cd "$(dirname "$0")/.."

usage="usage: package-release.sh VERSION MACHINE FOLDER"
version=${1:?$usage}
machine=${2:?$usage}
folder=${3:?$usage}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
scripts/build-release.sh "$scratch/prefix" slipway-control-plane
built=$("$scratch/prefix/bin/slipway" --version)
if [[ $built != "$version" ]]; then
    echo "package-release: this commit builds slipway $built, not $version; see Sources/CLI/Version.swift" >&2
    exit 65
fi
scripts/pack.sh "$version" "$machine" "$scratch/prefix" "$folder"
archive=$folder/slipway-$version-$machine.tar.gz
python3 scripts/sbom.py slipway "$version" "$machine" "$archive" >"$folder/slipway-$machine.spdx.json"
wheel=$(ls "$folder/slipway_control_plane-$version-"*"_${machine#linux-}.whl")
python3 scripts/sbom.py slipway-control-plane "$version" "$machine" "$wheel" \
    >"$folder/slipway-control-plane-$machine.spdx.json"
