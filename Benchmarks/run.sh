#!/usr/bin/env bash
# All benchmarks, peers in the same run: start-up and deploys beside the official command line, the HTTP client beside
# httpx, the engine beside doit and make, polling beside other policies, damaged input, simulated deploys, and deploys
# under faults and signals. Takes a quarter of an hour, and longer where the fuzzed program has to be built.
# Usage: Benchmarks/run.sh FOLDER_OF_THE_BINARIES [STATIC_BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${1:?usage: Benchmarks/run.sh FOLDER_OF_THE_BINARIES [STATIC_BINARY]}
static=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "## Start-up and deploys"
peer=
if python3 -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet --disable-pip-version-check langgraph-cli==0.4.40
then
    peer=$work/venv/bin
else
    echo "(the official command line cannot be installed here: measured without it)"
fi
cp "$bin/slipway" "$bin/Benchmarks" "$work/"
strip "$work/slipway"
python3 Benchmarks/deploy.py "$work" "$static" "$peer"

echo
echo "## HTTP client"
Benchmarks/client.sh "$bin"

echo
echo "## Release manager"
python3 Benchmarks/manager.py "$bin"

echo
echo "## Engine"
Benchmarks/engine.sh "$bin"

echo
echo "## Damaged input"
Benchmarks/fuzz.sh 20000

echo
echo "## Swarm"
"$bin/Benchmarks" swarm --seeds '0..<100000' --width "$(nproc)" --coverage

echo
echo "## Local control plane"
python3 Benchmarks/plane.py "$bin"

echo
echo "## Chaos"
SLIPWAY_BIN=$bin python3 Benchmarks/chaos.py --minutes 3 --binary "${static:-$bin/slipway}"

echo
echo "## Polling"
"$bin/Benchmarks" polling
