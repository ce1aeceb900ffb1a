#!/usr/bin/env bash
# Deploys this repository's example agent to a control plane of its own, breaks it in a scratch clone, and shows that
# the last good commit comes back. Needs no network and leaves nothing running.
set -euo pipefail

bin=$(cd "${1:?usage: demo.sh FOLDER-OF-THE-BINARIES}" && pwd)
repository=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
out="$repository/out"
scratch=$(mktemp -d)
mkdir -p "$out"

export SLIPWAY_STATE_DIR="$scratch/state"
unset LANGSMITH_API_KEY LANGGRAPH_HOST_API_KEY LANGCHAIN_API_KEY LANGSMITH_DEPLOYMENT_NAME
unset GITHUB_ACTIONS GITLAB_CI
slipway=("$bin/slipway")

plane=
finish() {
    if [[ -n $plane ]]; then
        kill "$plane" 2>/dev/null || true
        wait "$plane" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap finish EXIT

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() {
    printf '\033[2m$ slipway %s\033[0m\n' "$*"
    "${slipway[@]}" "$@"
}
ask() {
    printf '\033[2m$ curl %s\033[0m\n' "$1"
    python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())' "$1"
}
field() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))
for key in sys.argv[2].split("."): d = d[key]
print(d)' "$1" "$2"; }

say "A scratch clone of this repository, at HEAD"
git clone -q --no-hardlinks "$repository" "$scratch/clone"
cd "$scratch/clone"
git remote remove origin
git checkout -q -B demo
git log -1 --format='commit %h  %s'

say "A control plane on this machine, which really builds and runs commits"
"$bin/slipway" serve --repo "$scratch/clone" >"$scratch/serve.out" 2>"$scratch/serve.log" &
plane=$!
for _ in $(seq 100); do
    grep -q '^control plane: ' "$scratch/serve.out" && break
    kill -0 "$plane" 2>/dev/null || { cat "$scratch/serve.log" >&2; exit 1; }
    sleep 0.1
done
cat "$scratch/serve.out"

config=examples/agent/langgraph.json
deploy=(deploy --control-plane local --deployment demo --config "$config")

say "Deploy the commit"
show "${deploy[@]}" --smoke /info --junit "$out/TEST-deploy.xml" --json "$out/deploy.json"
url=$(field "$out/deploy.json" deployment.url)
ask "$url/info"

say "The same commit again: it is live already"
show "${deploy[@]}"

say "A commit that breaks the agent"
sed -i 's/^import os$/import os, no_such_module/' examples/agent/agent.py
git -c user.name=demo -c user.email=demo@example.invalid commit -qam "Break the agent"
git log -1 --format='commit %h  %s'
code=0
show "${deploy[@]}" --junit "$out/TEST-broken.xml" --json "$out/broken.json" || code=$?
echo "exit code $code"
[[ $code == 1 ]] || { echo "demo: expected exit code 1" >&2; exit 1; }
[[ $(field "$out/broken.json" rollback.result) == success ]] || { echo "demo: expected a rollback" >&2; exit 1; }

say "The last good commit answers"
ask "$url/info"
show status demo --control-plane local

say "Reports of both deploys"
ls -1 "$out"/TEST-deploy.xml "$out"/deploy.json "$out"/TEST-broken.xml "$out"/broken.json
