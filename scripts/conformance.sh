#!/usr/bin/env bash
# Lets programs that slipway did not write judge it: LangSmith's own client, its documentation's flow, the API's
# description, a real LangGraph agent, Chromium, the engines of exported fleets; kills the local control plane over and over,
# compares faults with the official program, and checks that the tests notice a change of any decision.
# Usage: scripts/conformance.sh FOLDER_OF_THE_BINARIES [CHECK…]. What cannot run says why and is counted as skipped.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

export SLIPWAY_BIN
SLIPWAY_BIN=$(cd "${1:?usage: conformance.sh FOLDER_OF_THE_BINARIES [CHECK…]}" && pwd)
shift
checks=("$@")
((${#checks[@]})) || checks=(
    kills static_binary packages github_runner gitlab_runner engines engine_kills sample_flow langgraph_agent langgraph_shapes langgraph_cli dashboard schema recorded_requests scoreboard mutation)
unset LANGSMITH_API_KEY LANGSMITH_TENANT_ID LANGSMITH_ENDPOINT LANGCHAIN_API_KEY LANGGRAPH_HOST_API_KEY
export PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SLIPWAY_OPENAPI=${SLIPWAY_OPENAPI:-$PWD/schema/control-plane.openapi.json}
failed=() skipped=() passed=()

# The tools in an environment of their own; kept between runs.
python=.build/conformance/bin/python
tools() {
    [[ -x $python ]] && cmp -s scripts/conformance/requirements.txt .build/conformance/requirements.txt && return
    rm -rf .build/conformance
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || return
    if command -v uv >/dev/null; then
        uv venv --quiet .build/conformance && uv pip install --quiet --python "$python" \
            -r scripts/conformance/requirements.txt || return
    else
        python3 -m venv .build/conformance && "$python" -m pip install --quiet --disable-pip-version-check \
            -r scripts/conformance/requirements.txt || return
    fi
    cp scripts/conformance/requirements.txt .build/conformance/
}

skip() {
    echo "SKIPPED $1: $2"
    skipped+=("$1")
}

check() {
    local name=$1
    echo "== $name"
    shift
    if "$@"; then passed+=("$name"); else failed+=("$name"); fi
}

recorded_requests() {
    SLIPWAY_RECORD_REQUESTS="$work/requests" swift test --skip-build --filter EndToEndTests >"$work/tests" 2>&1 ||
        { tail -n 40 "$work/tests"; return 1; }
    "$python" scripts/conformance/recorded_requests.py "$SLIPWAY_OPENAPI" "$work/requests"
}

# The faults that users meet most, for slipway and for the official program.
scoreboard() {
    SLIPWAY_BENCHMARKS=1 swift build --product Benchmarks >"$work/benchmarks" 2>&1 ||
        { tail -n 40 "$work/benchmarks"; return 1; }
    "$python" scripts/conformance/scoreboard.py "$SLIPWAY_BIN"
}

# Builds the static file of a release, which takes minutes the first time.
release() {
    [[ -x $work/release/bin/slipway ]] ||
        scripts/build-release.sh "$work/release" >"$work/static" 2>&1 || { tail -n 40 "$work/static"; return 1; }
}

# Runs it in empty roots.
static_binary() {
    release && python3 scripts/conformance/static_binary.py "$work/release/bin/slipway"
}

# Installs it from everything that a release publishes.
packages() {
    release && "$python" scripts/conformance/packages.py "$work/release"
}

# Runs the Action or the components with it, in runners that others wrote.
runner() {
    release && "$python" "scripts/conformance/$1.py" "$work/release"
}

# Why this machine cannot run the checks of the release; empty when it can.
static_obstacle() {
    local mapping=()
    ((EUID == 0)) || mapping=(--map-root-user)
    if [[ ! -r /usr/share/keyrings/debian-archive-keyring.gpg ]]; then
        echo "the release is built on Debian"
    elif ! unshare --net --mount "${mapping[@]}" true 2>/dev/null; then
        echo "it needs network and mount namespaces (root, or unprivileged user namespaces)"
    fi
}

reason=
if ! tools >"$work/tools" 2>&1; then
    reason="the tools of scripts/conformance/requirements.txt cannot be installed: $(tail -n 1 "$work/tools")"
fi
for name in "${checks[@]}"; do
    case $name in
    kills) check "$name" python3 scripts/conformance/kills.py --kills "${SLIPWAY_KILLS:-200}" ;;
    static_binary)
        obstacle=$(static_obstacle)
        if [[ $obstacle ]]; then skip "$name" "$obstacle"; else check "$name" static_binary; fi ;;
    packages | github_runner | gitlab_runner)
        obstacle=$(static_obstacle)
        [[ $obstacle ]] || obstacle=$reason
        if [[ $obstacle ]]; then skip "$name" "$obstacle"
        elif [[ $name == packages ]]; then check "$name" packages
        else check "$name" runner "$name"; fi ;;
    engines | engine_kills | sample_flow | langgraph_agent | langgraph_shapes | langgraph_cli)
        if [[ -n $reason ]]; then skip "$name" "$reason"; else
            check "$name" "$python" "scripts/conformance/$name.py"
        fi ;;
    dashboard)
        if [[ -n $reason ]]; then skip "$name" "$reason"
        elif ! command -v chromium chromium-browser google-chrome >/dev/null; then skip "$name" "there is no Chromium"
        else check "$name" "$python" scripts/conformance/dashboard.py; fi ;;
    scoreboard)
        if [[ -n $reason ]]; then skip "$name" "$reason"; else check "$name" scoreboard; fi ;;
    mutation) check "$name" python3 scripts/conformance/mutation.py --sample "${SLIPWAY_MUTANTS:-40}" ;;
    schema | recorded_requests)
        if [[ -n $reason ]]; then skip "$name" "$reason"
        elif [[ $name == schema ]]; then check "$name" "$python" scripts/conformance/schema.py
        elif [[ $(swift test list --skip-build 2>/dev/null) != *EndToEndTests* ]]; then
            skip "$name" "the end-to-end tests are not built"
        else check "$name" recorded_requests; fi ;;
    *)
        echo "conformance: no check is called '$name'" >&2
        exit 64 ;;
    esac
done
echo
echo "passed: ${passed[*]:-none}; skipped: ${skipped[*]:-none}; failed: ${failed[*]:-none}"
((${#failed[@]} == 0))
