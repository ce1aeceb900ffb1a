"""Kills workers of Temporal while a fleet is deployed, and looks whether each target got one revision all the same.

usage: engine_kills.py [--targets N] [--every SECONDS]. Three workers; one after the other is killed with SIGKILL, its slipways
too, as if its machine was gone, and another one with an empty state folder takes its place.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading

from engine_world import SLIPWAY, TOOLS, finished, temporal_server
from fleet import KEY, Fleet
from plane import Repository, example, expect

TARGETS = """version: 1
name: many
defaults: {source: github, poll-interval: 1s}
targets:
  - {discover: {name-contains: target-}}
waves:
  - {name: all, max-parallel: 200, strict: false}
"""


def session(process):
    """The process IDs of a worker and of the programs that it started, which lead sessions of their own."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    children = {}
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found, rest = [], [process.pid]
    while rest:
        found.append(rest.pop())
        rest += children.get(found[-1], [])
    return found


class Workers:
    """Three workers, of which one is replaced every few seconds."""

    def __init__(self, words, work, environment):
        self.words, self.work, self.environment = words, work, environment
        self.count, self.kills, self.over = 0, 0, threading.Event()
        self.running = [self.start() for _ in range(3)]

    def start(self):
        self.count += 1
        with open(f"{self.work}/worker-{self.count}.log", "ab") as log:
            return subprocess.Popen([*self.words, "--results", f"{self.work}/results-{self.count}"], cwd=self.work,
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)

    def kill(self, process):
        for each in session(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        process.wait()

    def disturb(self, every):
        while not self.over.wait(every):
            self.kill(self.running.pop(0))
            self.kills += 1
            self.running.append(self.start())

    def stop(self):
        self.over.set()
        for process in self.running:
            self.kill(process)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--every", type=float, default=5)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        plane = stack.enter_context(Fleet())
        plane.rollout = [("QUEUED", 1), ("BUILDING", 6), ("DEPLOYING", 2)]
        repository = stack.enter_context(Repository(example("agent")))
        work = stack.enter_context(tempfile.TemporaryDirectory(prefix="slipway-kills-"))
        old = repository.git("rev-parse", "HEAD")
        url = "file://" + repository.path
        for number in range(options.targets):
            identifier = plane.add(f"target-{number:03}", [old])
            plane.deployments[identifier]["source_config"]["repo_url"] = url
        with open(repository.path + "/targets.yml", "w") as file:
            file.write(TARGETS)
        commit = repository.commit("targets")
        plane.commits = {"main": commit}
        folder = work + "/temporal"
        subprocess.run([SLIPWAY, "export", "--to", "temporal", "targets.yml", "-o", folder, "--targets-per-shard=10",
                        f"--discovered={options.targets}"], cwd=repository.path, check=True, capture_output=True)
        environment = {"HOME": work, "PATH": f"{TOOLS}:{os.environ['SLIPWAY_BIN']}:{os.environ['PATH']}", "LANG": "C.UTF-8",
                       "TMPDIR": work, "SLIPWAY_CONTROL_PLANE": plane.url, "LANGSMITH_API_KEY": KEY,
                       "PYTHONDONTWRITEBYTECODE": "1"}
        address = stack.enter_context(temporal_server(work))
        words = [sys.executable, folder + "/worker.py", "--address", address, "--repository", url, "--jobs", "4"]
        workers = Workers(words, work, environment)
        stack.callback(workers.stop)
        threading.Thread(target=workers.disturb, args=(options.every,), daemon=True).start()
        code, text = finished(
            [sys.executable, folder + "/start.py", "--address", address, "run", "--sha", commit, "--ref", "main",
             "--heartbeat", "3"], seconds=900, env=environment, cwd=work)
        counts = {one["name"]: len(plane.revisions[one["id"]]) - 1 for one in plane.deployments.values()}
        wrong = [name for name in counts if plane.live_commit(name) != commit]
        expect(code == 0, f"exit code {code}\n{text}")
        expect(not wrong, f"not live: {wrong}")
        expect(workers.kills > 0, "no worker was killed")
        more = {name: count for name, count in counts.items() if count != 1}
        expect(not more, f"revisions after {workers.kills} kills: {more}")
        print(f"  ok  {len(counts)} targets, {workers.kills} killed workers: one revision each", flush=True)


if __name__ == "__main__":
    main()
