# shellcheck shell=dash
# The last part of a release's install.sh (see scripts/installer.sh), for a user's machine or any image. $version,
# $repository and $checksums are those of the release; messages.sh and release.sh stand before it.

: "${version:?}" "${repository:?}"

prefix=${SLIPWAY_PREFIX:-${HOME:-}/.local}
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=${2:-} && shift ;;
        --prefix=*) prefix=${1#--prefix=} ;;
        *) refuse "unknown argument '$1'" "use --prefix FOLDER; the default is ~/.local" ;;
    esac
    shift
done
case $prefix in
    /*) ;;
    *) refuse "invalid prefix '$prefix': not an absolute path" "use --prefix FOLDER" ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
sum=$(checksum_of "slipway-$version-$(machine).tar.gz")
fetch_release "$version" "$repository" "$sum" "$scratch/release" "$scratch"
[ "$("$scratch/release/bin/slipway" --version)" = "$version" ] ||
    refuse "the archive does not hold slipway $version for this machine"

mkdir -p "$prefix/bin" "$prefix/share"
cp -R "$scratch/release/share/." "$prefix/share"
# Replaced in one step, also while an older one runs.
cp "$scratch/release/bin/slipway" "$prefix/bin/.slipway.new"
mv -f "$prefix/bin/.slipway.new" "$prefix/bin/slipway"
echo "installed slipway $version in $prefix/bin"
case ":$PATH:" in
    *":$prefix/bin:"*) ;;
    *) echo "note: add $prefix/bin to PATH" ;;
esac
