#!/usr/bin/env bash
# Makes a Debian package of PREFIX, which is laid out like /usr. SOURCE_DATE_EPOCH dates the files: the same input gives
# the same package. The binary is static, so it depends on nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

usage="usage: deb.sh VERSION MACHINE PREFIX FOLDER"
version=${1:?$usage}
machine=${2:?$usage}
prefix=${3:?$usage}
folder=${4:?$usage}
repository=${SLIPWAY_REPOSITORY:-OWNER/slipway}
maintainer="${repository%%/*} <${repository%%/*}@users.noreply.github.com>"
: "${SOURCE_DATE_EPOCH:?deb.sh: SOURCE_DATE_EPOCH is not set}"
export SOURCE_DATE_EPOCH
case $machine in
    linux-x86_64) architecture=amd64 ;;
    linux-aarch64) architecture=arm64 ;;
    *) echo "deb: invalid machine '$machine'" >&2 && exit 64 ;;
esac

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
umask 022
chmod 755 "$root"
mkdir -p "$root"/usr/share/zsh "$root"/usr/share/lintian/overrides "$root/DEBIAN"
cp -R --no-preserve=mode,ownership "$prefix/." "$root/usr"
chmod 755 "$root"/usr/bin/*
mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions"
gzip -9n "$root"/usr/share/man/man1/*.1

documents=$root/usr/share/doc/slipway
mkdir -p "$documents"
# Debian has the text of our licence; those of what is linked in are beside it.
cat >"$documents/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: slipway
Source: https://github.com/$repository

Files: *
Copyright: $(date --utc --date "@$SOURCE_DATE_EPOCH" +%Y) the authors of slipway
License: Apache-2.0
 On Debian systems, the text is in /usr/share/common-licenses/Apache-2.0. The
 licences of the libraries that are linked in are in
 /usr/share/doc/slipway/licenses.
END
gzip -9nc >"$documents/changelog.gz" <<END
slipway ($version) unstable; urgency=medium

  * See https://github.com/$repository/blob/v$version/CHANGELOG.md

 -- $maintainer  $(date --utc --date "@$SOURCE_DATE_EPOCH" --rfc-email)
END
# Everything is linked in on purpose, with its licence.
printf 'slipway: %s\n' statically-linked-binary 'embedded-library *' >"$root/usr/share/lintian/overrides/slipway"
# Sourced, never run.
sed -i '1{/^#!/d}' "$root/usr/share/bash-completion/completions/slipway"

(cd "$root" && find usr -type f | LC_ALL=C sort | xargs -d '\n' md5sum) >"$root/DEBIAN/md5sums"
cat >"$root/DEBIAN/control" <<END
Package: slipway
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f 1)
Recommends: ca-certificates
Section: devel
Priority: optional
Homepage: https://github.com/$repository
Description: deploys git commits to LangSmith
 slipway deploys a git commit to LangSmith, waits until that commit is live,
 and rolls back when it fails. It reports to CI as JUnit, JSON, HTML and a job
 summary, and has an exit code for each way in which a deploy can end.
END
find "$root" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "$folder/slipway_${version}_$architecture.deb" >/dev/null
