#!/usr/bin/env bash
# Makes everything that a release publishes of PREFIX, which holds what make install would bring: the archive, the
# wheel and the Debian package. The same commit gives the same files.
set -euo pipefail
cd "$(dirname "$0")/.."

usage="usage: pack.sh VERSION MACHINE PREFIX FOLDER"
version=${1:?$usage}
machine=${2:?$usage}
prefix=${3:?$usage}
folder=${4:?$usage}
name=slipway-$version-$machine

# Pages and packages bear the commit's day; the checkout of a container may belong to another user.
SOURCE_DATE_EPOCH=$(git -c safe.directory="$PWD" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
mkdir -p "$folder"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
umask 022

# The local control plane is a wheel of its own, which the extra `local` of the first one names.
cp -R --no-preserve=mode,ownership "$prefix" "$scratch/$name"
chmod 755 "$scratch/$name"/bin/*
if [[ -e $scratch/$name/bin/slipway-control-plane ]]; then
    mkdir -p "$scratch/plane/bin" "$scratch/plane/share/doc/slipway-control-plane"
    mv "$scratch/$name/bin/slipway-control-plane" "$scratch/plane/bin"
    mv "$scratch/$name/share/doc/slipway-control-plane/licenses" "$scratch/plane/share/doc/slipway-control-plane"
    rm -r "$scratch/$name/share/doc/slipway-control-plane"
    python3 scripts/wheel.py slipway-control-plane "$version" "$machine" "$scratch/plane" "$folder" >/dev/null
fi
scripts/shell-files.sh "$scratch/$name/bin/slipway" "$scratch/$name/share"
python3 scripts/wheel.py slipway "$version" "$machine" "$scratch/$name" "$folder" >/dev/null
scripts/deb.sh "$version" "$machine" "$scratch/$name" "$folder"

cp LICENSE README.md "$scratch/$name"
# libdeflate makes it 4 % smaller than gzip does.
tar -C "$scratch" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - "$name" \
    | libdeflate-gzip -12 >"$folder/$name.tar.gz"
