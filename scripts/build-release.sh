#!/usr/bin/env bash
# Builds slipway for other machines than this one: one static file that needs no library of the system, only /proc.
# The C libraries are those of scripts/release/versions. Usage: build-release.sh PREFIX
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=${1:?usage: build-release.sh PREFIX}
scratch=$PWD/.build-static
libraries=$scratch/libraries/prefix

scripts/setup.sh --release
scripts/release/libraries.sh "$scratch/libraries"

# The start files of static programs register every table of the unwinder one by one, which takes 13 ms at each start;
# with a header the unwinder finds the tables itself, when it needs them.
flags=(
    -c release --static-swift-stdlib --scratch-path "$scratch/swift" --product slipway
    -Xswiftc -Osize -Xswiftc -static-executable -Xswiftc -use-ld=lld
    -Xswiftc -Xfrontend -Xswiftc -function-sections -Xlinker --icf=all -Xlinker -O2
    -Xlinker --eh-frame-hdr -Xlinker --defsym=__register_frame_info=0 -Xlinker --defsym=__deregister_frame_info=0
)
export PKG_CONFIG_PATH=$libraries/lib/pkgconfig
swift build "${flags[@]}"
binary=$(swift build "${flags[@]}" --show-bin-path)/slipway

if readelf --dynamic --program-headers "$binary" | grep -E 'NEEDED|INTERP'; then
    echo "build-release: $binary is not static" >&2
    exit 1
fi
scripts/check-size.sh "$binary" 26000000
install -d "$prefix/bin"
install -s -m 755 "$binary" "$prefix/bin/slipway"

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
