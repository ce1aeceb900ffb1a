#!/usr/bin/env bash
# Makes the archive of a release and the list of what is in it.
set -euo pipefail
cd "$(dirname "$0")/.."

usage="usage: package-release.sh VERSION MACHINE FOLDER"
version=${1:?$usage}
machine=${2:?$usage}
folder=${3:?$usage}
name=slipway-$version-$machine

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
scripts/build-release.sh "$scratch/$name"
built=$("$scratch/$name/bin/slipway" --version)
if [[ $built != "$version" ]]; then
    echo "package-release: this commit builds slipway $built, not $version; see Sources/CLI/Version.swift" >&2
    exit 65
fi
# What make install brings besides. A page bears the commit's day, so that it is the same whenever it is made; the
# checkout of a container may belong to another user.
SOURCE_DATE_EPOCH=$(git -c safe.directory="$PWD" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
scripts/shell-files.sh "$scratch/$name/bin/slipway" "$scratch/$name/share"
cp LICENSE README.md "$scratch/$name"
mkdir -p "$folder"
# The same commit gives the same archive; libdeflate makes it 4 % smaller than gzip does.
tar -C "$scratch" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - "$name" | libdeflate-gzip -12 >"$folder/$name.tar.gz"
python3 scripts/sbom.py "$version" "$machine" "$folder/$name.tar.gz" >"$folder/slipway-$machine.spdx.json"
