#!/usr/bin/env bash
# Installs what building needs: with --tests also what the tests use, with --release what a release is built with, with
# --lint only what linting needs. Does nothing where all is there.
set -euo pipefail

packages=(libcurl4-openssl-dev libgit2-dev libyaml-dev zlib1g-dev libsqlite3-dev pkg-config git python3)
if [[ "${1:-}" == --tests ]]; then
    packages+=(libxml2-utils openssl python3-venv)
elif [[ "${1:-}" == --release ]]; then
    packages+=(cmake dpkg-dev libdeflate-tools make)
elif [[ "${1:-}" == --lint ]]; then
    packages=(git python3 python3-venv)
fi

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done

if ((${#missing[@]})); then
    echo "setup: missing: ${missing[*]}" >&2
    if ((EUID == 0)); then
        run=()
    elif sudo -n true 2>/dev/null; then
        run=(sudo)
    else
        echo "setup: these packages cannot be installed without root; run: sudo apt-get install ${missing[*]}" >&2
        exit 77
    fi
    "${run[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! command -v swift >/dev/null; then
    echo "setup: no swift on PATH; install Swift 6.2 or newer from https://www.swift.org/install" >&2
    exit 78
fi

# In a folder of the project's own, for the system's Python is not ours to change.
if [[ "${1:-}" == --tests || "${1:-}" == --lint ]]; then
    root=$(cd "$(dirname "$0")/.." && pwd)
    python=$root/.build/python
    wanted=$root/.ci/requirements.txt
    if ! cmp -s "$wanted" "$python/requirements.txt"; then
        python3 -m venv "$python"
        if "$python/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"; then
            cp "$wanted" "$python/requirements.txt"
        else
            echo "setup: cannot install the tools of .ci/requirements.txt" >&2
            exit 69
        fi
    fi
fi
