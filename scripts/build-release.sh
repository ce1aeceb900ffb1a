#!/usr/bin/env bash
# Builds slipway for other machines than this one: one static file that needs no library of the system, only /proc.
# The C libraries are those of scripts/release/versions. Usage: build-release.sh PREFIX [slipway-control-plane]
# The second argument also builds the local control plane, in the same way.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=${1:?usage: build-release.sh PREFIX [slipway-control-plane]}
plane=${2:-}
scratch=$PWD/.build-static
libraries=$scratch/libraries/prefix

scripts/setup.sh --release
scripts/release/libraries.sh "$scratch/libraries"

# All modules are optimised together, which leaves out what no command needs: it saves 0.7 MB.
#
# The start files of static programs register every table of the unwinder one by one, which takes 13 ms at each start;
# with a header the unwinder finds the tables itself, when it needs them.
flags=(
    -c release --static-swift-stdlib --scratch-path "$scratch/swift"
    --experimental-lto-mode full -Xswiftc -Osize -Xswiftc -static-executable -Xswiftc -use-ld=lld
    -Xswiftc -Xfrontend -Xswiftc -function-sections -Xlinker --icf=all -Xlinker -O2
    -Xlinker --eh-frame-hdr -Xlinker --defsym=__register_frame_info=0 -Xlinker --defsym=__deregister_frame_info=0
)
export PKG_CONFIG_PATH=$libraries/lib/pkgconfig
binaries=$(swift build "${flags[@]}" --show-bin-path)

# build PROGRAM BYTES
build() {
    swift build "${flags[@]}" --product "$1"
    if readelf --dynamic --program-headers "$binaries/$1" | grep -E 'NEEDED|INTERP'; then
        echo "build-release: $binaries/$1 is not static" >&2
        exit 1
    fi
    install -d "$prefix/bin"
    install -s -m 755 "$binaries/$1" "$prefix/bin/$1"
}

build slipway
scripts/check-size.sh "$binaries/slipway"

# The licences of what is linked in: the pinned packages, the C and C++ runtimes, Swift and its packages.
licenses=$prefix/share/doc/slipway/licenses
install -d "$licenses"
install -m 644 "$libraries"/licenses/* "$licenses"
for package in $(python3 scripts/sbom.py --runtime-packages); do
    install -m 644 "/usr/share/doc/$package/copyright" "$licenses/$package"
done
for package in $(python3 scripts/sbom.py --swift-packages); do
    install -m 644 "$scratch/swift/checkouts/$package"/LICENSE* "$licenses/$package"
done
install -m 644 "$(dirname "$(realpath "$(command -v swiftc)")")/../share/swift/LICENSE.txt" "$licenses/swift"

[[ $plane ]] || exit 0
build slipway-control-plane
# It links more Swift packages than slipway, and SQLite.
licenses=$prefix/share/doc/slipway-control-plane/licenses
install -d "$licenses"
cp "$prefix"/share/doc/slipway/licenses/* "$licenses"
install -m 644 /usr/share/doc/libsqlite3-dev/copyright "$licenses/libsqlite3-dev"
for package in "$scratch"/swift/checkouts/*/; do
    install -m 644 "$package"LICENSE* "$licenses/$(basename "$package")"
done
