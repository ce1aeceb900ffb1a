#!/usr/bin/env bash
# Prints install.sh of a release, which knows the checksums of its archives:
#   curl -fsSL https://github.com/OWNER/slipway/releases/latest/download/install.sh | sh
# One file of the scripts in setup/, in a function, so that half a download runs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

usage="usage: installer.sh VERSION SHA256SUMS"
version=${1:?$usage}
checksums=$(grep -E '^[0-9a-f]{64}  slipway-[0-9.]+-[a-z0-9_-]+\.tar\.gz$' "${2:?$usage}")
repository=${SLIPWAY_REPOSITORY:-OWNER/slipway}

cat <<END
#!/bin/sh
# Installs slipway $version to ~/.local, or to --prefix FOLDER. Needs sh, tar, gzip, sha256sum, and curl, wget or python3.
set -eu

install_slipway() {
version='$version'
repository='$repository'
checksums='$checksums'
END
cat setup/messages.sh setup/release.sh setup/user.sh
cat <<'END'
}

install_slipway "$@"
END
