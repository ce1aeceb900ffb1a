"""What a fleet costs. Usage: Benchmarks/fleet.py FOLDER_OF_THE_BINARIES [TARGETS] [PART…]

Parts: fleet, at_once, matrix, single, budget; all when none is named. One commit goes to TARGETS deployments (2,000) of a
control plane: as a fleet, 200 at a time; as a fleet and as a matrix of the step type deploy, all at once, with rollouts of two
minutes; and as processes of their own, of which twenty are measured. Then a control plane that allows fewer requests than
the fleet would send.
Prints the goal beside each figure. Takes a quarter of an hour for 2,000 targets.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time

BINARIES = os.path.abspath(sys.argv[1])
TARGETS = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
PARTS = sys.argv[3:] or ["fleet", "at_once", "matrix", "single", "budget"]
SLIPWAY = os.path.join(BINARIES, "slipway")
ROLLOUT = 120
SWEEP = "GET /v2/deployments?deployment_ids"


def show(what, value, goal):
    print(f"{what:64} {value:>14}   goal {goal}", flush=True)


class Plane:
    def __init__(self, commit, deployments, rollout=ROLLOUT, allow=0):
        self.process = subprocess.Popen(
            [os.path.join(BINARIES, "Benchmarks"), "serve", "--commit", commit, "--deployments", str(deployments),
             "--rollout", str(rollout), "--allow", str(allow)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"

    def record(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        self.write("langgraph.json", '{"dependencies": ["."], "graphs": {"agent": "./agent.py:graph"}}')
        self.write("agent.py", "graph = None\n")
        self.git("add", ".")
        self.git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "first")
        self.git("remote", "add", "origin", "https://github.com/octo/agent")
        self.commit = self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)


class Run:
    """One process, with its peak memory and the processor time of the middle of its watch."""

    def __init__(self, plane, folder, *arguments):
        with tempfile.TemporaryDirectory() as state:
            self.run(plane, folder, state, *arguments)

    def run(self, plane, folder, state, *arguments):
        environment = {
            **os.environ, "LANGSMITH_API_KEY": "benchmark-key", "LANGSMITH_CONTROL_PLANE_URL": plane.url,
            # Not in the repository, where git would look at thousands of files.
            "SLIPWAY_STATE_DIR": os.path.join(state, "state")}
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [SLIPWAY, *arguments, "--control-plane", plane.url], cwd=folder, env=environment,
            stdout=subprocess.DEVNULL, stderr=open(os.path.join(state, "stderr"), "w"))
        self.watch = []
        sampler = threading.Thread(target=self.sample, args=(begin,), daemon=True)
        sampler.start()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - begin
        self.memory = usage.ru_maxrss / 1024
        self.cpu = usage.ru_utime + usage.ru_stime
        if self.code != 0:
            sys.exit(f"exit {self.code}: " + open(os.path.join(state, "stderr")).read()[-2000:])

    def sample(self, begin):
        ticks = os.sysconf("SC_CLK_TCK")
        while True:
            try:
                fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
            except OSError:
                return
            self.watch.append((time.monotonic() - begin, (int(fields[11]) + int(fields[12])) / ticks))
            time.sleep(1)

    def share_of_a_core(self, start, end):
        part = [sample for sample in self.watch if start <= sample[0] <= end]
        if len(part) < 2:
            return None
        return (part[-1][1] - part[0][1]) / (part[-1][0] - part[0][0])


def targets_file(repository, parallel):
    targets = "".join(f"  - {{deployment: target-{number}}}\n" for number in range(1, TARGETS + 1))
    repository.write(
        "targets.yml", "version: 1\nname: fleet\ndefaults: {source: github}\ntargets:\n" + targets
        + f"waves:\n  - {{max-parallel: {parallel}, max-failures: 100%}}\n")


def costs(name, run, record, goals):
    sweeps = record["endpoints"].get(SWEEP, 0)
    others = sum(record["endpoints"].values()) - sweeps
    watched = run.share_of_a_core(60, 110)
    show(f"{name}: seconds for {TARGETS} targets", f"{run.seconds:.0f}", "-")
    show("  memory, MB", f"{run.memory:.1f}", goals[0])
    show("  processor time, s", f"{run.cpu:.1f}", "-")
    if watched is not None:
        show("  of a core while it watches, %", f"{watched * 100:.1f}", goals[1])
    show("  requests a target beside sweeps", f"{others / TARGETS:.2f}", goals[2])
    if os.environ.get("VERBOSE"):
        print(record)
        print([(round(at), round(cpu, 1)) for at, cpu in run.watch[::5]])
    if sweeps:
        seconds = max(1.0, run.seconds - 5)
        show("  requests for several deployments, a second", f"{sweeps / seconds:.2f}", "-")
        show("  the same for each sweep", f"{-(-TARGETS // 100)}", "<= 25")


def fleet():
    deploy_fleet("fleet, 200 at a time", 200, 20, ("<= 80", "<= 10", "<= 6"))


def at_once():
    deploy_fleet("fleet, all at once", TARGETS, ROLLOUT, ("-", "<= 10", "<= 6"))


def deploy_fleet(name, parallel, rollout, goals):
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(folder)
        targets_file(repository, parallel)
        with Plane(repository.commit, TARGETS, rollout=rollout) as plane:
            run = Run(plane, folder, "fleet", "deploy", "targets.yml", "--rate", "400/s", "--allow-unpushed",
                      "--allow-dirty")
            costs(name, run, plane.record(), goals)


def matrix():
    rows = min(TARGETS, 2000)
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(folder)
        names = ", ".join(f"target-{number}" for number in range(1, rows + 1))
        repository.write(
            "fleet.yml", "version: 1\nname: fleet\njobs:\n  all:\n    strategy:\n      max-parallel: "
            f"{rows}\n      matrix: {{target: [{names}]}}\n    steps:\n      - uses: deploy\n        with: "
            "{deployment: \"${{ matrix.target }}\", source: github, allow-unpushed: true, allow-dirty: true}\n")
        with Plane(repository.commit, TARGETS) as plane:
            run = Run(plane, folder, "run", "fleet.yml")
            costs("matrix", run, plane.record(), ("-", "-", "-"))


def single():
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(folder)
        with Plane(repository.commit, 20) as plane:
            runs = []

            def deploy(number):
                runs.append(Run(plane, folder, "deploy", f"target-{number}", "--source", "github", "--allow-unpushed",
                                "--allow-dirty"))

            threads = [threading.Thread(target=deploy, args=(number,)) for number in range(1, 21)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            record = plane.record()
            show("processes of their own: memory of each, MB", f"{sum(run.memory for run in runs) / 20:.1f}", "-")
            show(f"  of {TARGETS} together, MB", f"{sum(run.memory for run in runs) / 20 * TARGETS:.0f}", "-")
            show("  processor time of each, s", f"{sum(run.cpu for run in runs) / 20:.2f}", "-")
            show("  requests of each", f"{sum(record['endpoints'].values()) / 20:.1f}", "-")


def budget():
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(folder)
        targets_file(repository, 200)
        with Plane(repository.commit, TARGETS, rollout=10, allow=70) as plane:
            Run(plane, folder, "fleet", "deploy", "targets.yml", "--rate", "100/s", "--allow-unpushed", "--allow-dirty")
            record = plane.record()
            row = longest = 0
            last = None
            for second in record["refusedSeconds"]:
                row = row + 1 if last is not None and second == last + 1 else 1
                longest, last = max(longest, row), second
            show("100 requests a second where 70 are allowed: refused", f"{record['refused']}", "-")
            show("  most in a second", f"{record['busiest']}", "-")
            show("  neighbouring seconds with a refusal", f"{longest}", "<= 1")


for part in PARTS:
    globals()[part]()
