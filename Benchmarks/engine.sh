#!/usr/bin/env bash
# The engine: steps that do nothing, spread over a workflow in several ways, each row in a process of its own, with a
# journal on disk; beside it doit (a task runner in Python, tasks that are Python functions, state on disk) and GNU make
# (no state; it leaves the recipe ':' out by itself, and starts a process for 'true'). Then the planning of a matrix.
# Takes about a minute.
# Usage: Benchmarks/engine.sh [FOLDER_OF_THE_BINARIES]
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${1:-}
if [[ -z "$bin" ]]; then
    export SLIPWAY_BENCHMARKS=1
    swift build -c release --product Benchmarks >&2
    bin=$(swift build -c release --show-bin-path)
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "| steps that do nothing | steps | s | µs/step | CPU µs/step | MB added |"
echo "| --- | --- | --- | --- | --- | --- |"
for shape in job conditions jobs chain; do
    for steps in 100 1000 10000; do "$bin/Benchmarks" engine "$shape" --steps "$steps"; done
done
for shape in rows slots; do
    for steps in 100 1000 4096; do "$bin/Benchmarks" engine "$shape" --steps "$steps"; done
done

# Prints a row like those above for a command that runs so many steps; start-up is part of it.
peer() {
    local title=$1 steps=$2
    shift 2
    python3 - "$title" "$steps" "$@" <<'PYTHON'
import resource, subprocess, sys, time

title, steps, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
start = time.monotonic()
subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
seconds = time.monotonic() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = usage.ru_utime + usage.ru_stime
print(f"| {title} | {steps} | {seconds:.3f} | {seconds / steps * 1e6:.1f} | {cpu / steps * 1e6:.1f} | |")
PYTHON
}

if python3 -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet --disable-pip-version-check doit==0.36.0; then
    cat >"$work/dodo.py" <<'PYTHON'
import os


def task_step():
    for number in range(int(os.environ["STEPS"])):
        yield {"name": str(number), "actions": [lambda: True]}
PYTHON
    for steps in 100 1000 10000; do
        export STEPS=$steps
        peer "doit 0.36.0" "$steps" "$work/venv/bin/doit" -f "$work/dodo.py" --db-file "$work/doit.$steps"
    done
else
    echo "(doit cannot be installed here: measured without it)"
fi
for recipe in : true; do
    for steps in 100 1000 10000; do
        # shellcheck disable=SC2016 # make's variables, not the shell's
        printf 'steps := $(shell seq %s)\nall: $(steps)\n.PHONY: all $(steps)\n$(steps):\n\t@%s\n' "$steps" "$recipe" \
            >"$work/Makefile"
        peer "$(make --version | head -1), recipe '$recipe'" "$steps" make -s -j1 -f "$work/Makefile"
    done
done

echo
echo "| rows of a matrix | best ms to read, check and plan | median ms |"
echo "| --- | --- | --- |"
for rows in 100 1000 4096; do "$bin/Benchmarks" engine plan --steps "$rows"; done
