#!/usr/bin/env bash
# Writes the shell completions and man pages of slipway to FOLDER, which is laid out like PREFIX/share, and checks each
# with the program that reads it, if that is installed.
set -euo pipefail

usage="usage: shell-files.sh SLIPWAY FOLDER"
slipway=${1:?$usage}
share=${2:?$usage}
scripts=$(cd "$(dirname "$0")" && pwd)

bash=$share/bash-completion/completions/slipway
zsh=$share/zsh/site-functions/_slipway
fish=$share/fish/vendor_completions.d/slipway.fish
man=$share/man/man1

mkdir -p "$(dirname "$bash")" "$(dirname "$zsh")" "$(dirname "$fish")" "$man"
"$slipway" --generate-completion-script bash >"$bash"
"$slipway" --generate-completion-script zsh >"$zsh"
"$slipway" --generate-completion-script fish >"$fish"
python3 "$scripts/man_pages.py" "$slipway" "$man"

# check NAME PROGRAM ARGUMENTS...
check() {
    local name=$1
    shift
    if command -v "$1" >/dev/null; then
        "$@"
        echo "shell-files: $name"
    else
        echo "shell-files: $name not checked: no $1 on PATH"
    fi
}

check "bash completion" bash -n "$bash"
check "zsh completion" zsh -n "$zsh"
check "fish completion" fish --no-execute "$fish"
check "man pages" mandoc -T lint -W warning "$man"/*.1
