#!/usr/bin/env bash
# Coverage-guided fuzzing of everything that reads text from outside; see Benchmarks/Fuzz. Builds in a folder of its own,
# where `Fuzz damage` does the same with random damage only. Prints inputs, seconds and edges for each target.
# Usage: Benchmarks/fuzz.sh INPUTS [TARGET…]: so many inputs for each target, all targets when none is named. An input that
# breaks something stays in .build-fuzz/found.
set -euo pipefail
cd "$(dirname "$0")/.."

inputs=${1:?usage: Benchmarks/fuzz.sh INPUTS [TARGET…]}
shift
# libFuzzer writes the input that broke something only if Swift does not take the signal.
export SLIPWAY_FUZZ=1 SWIFT_BACKTRACE=enable=no
flags=(-c release --scratch-path .build-fuzz -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing -Xswiftc -use-ld=lld)
swift build "${flags[@]}" --product Fuzz >&2
fuzz=$(swift build "${flags[@]}" --show-bin-path)/Fuzz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p .build-fuzz/found

mapfile -t targets < <("$fuzz" list)
[[ $# -eq 0 ]] || targets=("$@")
failed=0
for target in "${targets[@]}"; do
    mkdir "$work/$target"
    start=$SECONDS
    if "$fuzz" cover "$target" "$work/$target" -- -runs="$inputs" -max_len=2048 -timeout=25 -seed=1 \
        -artifact_prefix=".build-fuzz/found/$target-" >"$work/log" 2>&1
    then
        edges=$(sed -n 's/.*DONE *cov: \([0-9]*\).*/\1/p' "$work/log")
        echo "$target: $inputs inputs in $((SECONDS - start)) s, $edges edges"
    else
        echo "$target: FAILED"
        tail -n 40 "$work/log"
        failed=1
    fi
done
exit "$failed"
