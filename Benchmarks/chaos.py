#!/usr/bin/env python3
"""Deploys again and again to a local control plane with faults, while somebody else pushes, interrupts and deletes, and
slipway gets signals, is killed and resumed. Every run is judged by the control plane's own database.

Usage: SLIPWAY_BIN=FOLDER_OF_THE_BINARIES Benchmarks/chaos.py [--binary SLIPWAY] [--minutes N] [--seed N] [--sabotage]
The exit code is 1 when a promise was broken; its evidence is then kept. --sabotage breaks them on purpose.
"""

import argparse
import collections
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "scripts", "conformance"))
import chaos_judge  # noqa: E402
import chaos_relay  # noqa: E402
import plane as plane_module  # noqa: E402

KEY = "lsv2_sk_0123456789chaos/key+of:this'run"
SECRET = 'chaos"secret/ü&12345+67'
DEPLOYMENTS = ["ash", "birch", "cedar"]
GRACE = 60
AGENT = """
import http.server, json, os, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"revision_id": os.environ["REVISION_ID"]}).encode()
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
mode = open("mode").read()
if mode == "dies": sys.exit("dies at once")
if mode == "slow": time.sleep(2)
print("secret", os.environ.get("CHAOS_SECRET"), flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
FAULTS = [
    "status=503,count={n}", "status=503,method=GET,count={n}", "status=429,retry-after={n},count=2",
    "status=429,retry-after=0,count={n}", "status=500,method=POST,count=1,detail=broken for " + KEY,
    "lose=answer,method=POST,path=/v2/,count={n}", "lose=request,method=POST,path=/v2/,count={n}",
    "lose=answer,method=PATCH,path=/v2/,count={n}", "lose=request,path=/v2/,count={n}",
    "delay=3s,path=/v2/,count={n}", "delay=6s,method=POST,path=/v2/,count=1",
    "delay=4s,lose=answer,method=POST,path=/v2/,count=1", "status=404,method=GET,count=1", "status=401,count=1",
    "status=403,method=GET,count=1", "status=502,path=/v2/,count=8", "phase=build,delay=3s,count={n}",
    "phase=deploy,delay=3s,count={n}", "phase=build,count=1,fail=no space left for " + KEY,
    "phase=deploy,count=1,fail=refused",
]


class Chaos:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.end = 0
        self.secrets = chaos_judge.Secrets({"the key": KEY, "a secret": SECRET})
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.exits = collections.Counter()
        self.breaches = []
        self.own_commits = set()
        self.runs = 0
        self.finished = []
        self.origins = [self.repository(name) for name in DEPLOYMENTS]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.plane = plane_module.Plane("--port", str(port), repositories=self.origins, environment={
            "LANGSMITH_API_KEY": KEY})
        self.relay = chaos_relay.Relay(port)
        self.secrets_file = os.path.join(folder, "secrets.env")
        with open(self.secrets_file, "w") as file:
            file.write(f"CHAOS_SECRET='{SECRET}'\n")

    # Repositories: the branch of each run is ours, `theirs` is somebody else's.

    def repository(self, name):
        origin, work = os.path.join(self.folder, f"{name}.git"), os.path.join(self.folder, name)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", origin], check=True)
        subprocess.run(["git", "init", "-q", "-b", "main", work], check=True)
        self.git(name, "remote", "add", "origin", origin)
        self.git(name, "config", "gc.auto", "0")
        with open(os.path.join(work, "agent.py"), "w") as file:
            file.write(AGENT)
        self.commit(name, "ok", "first")
        self.git(name, "tag", "good")
        return origin

    def git(self, name, *words):
        return subprocess.run(
            ["git", "-C", os.path.join(self.folder, name), "-c", "user.name=Chaos", "-c", "user.email=c@example.com",
             *words], check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, name, mode, message):
        command = {"start": ["python3", "agent.py"], "identity": "/info", "start_timeout": 10}
        if mode == "unbuildable":
            command["build"] = 'echo "cannot build with $CHAOS_SECRET"; exit 1'
        for file, text in {"mode": mode, "langgraph.json": json.dumps({"command": command})}.items():
            with open(os.path.join(self.folder, name, file), "w") as output:
                output.write(text)
        self.git(name, "add", "--all")
        self.git(name, "commit", "-q", "--allow-empty", "-m", message)
        self.git(name, "push", "-q", "origin", "HEAD")
        return self.git(name, "rev-parse", "HEAD")

    # Second actors.

    def call(self, method, path, body=None):
        """None when a fault got it: somebody else's client may fail too."""
        try:
            status, answer = self.plane.call(method, path, body, timeout=8)
        except Exception:  # whatever a lost connection looks like
            return None
        return answer if status < 300 else None

    def stranger(self, name, numbers):
        number = 0
        while self.wait(numbers.uniform(1, 9)):
            page = self.call("GET", f"/v2/deployments?limit=100&name={name}") or {}
            found = [one for one in page.get("resources", []) if one["name"] == name]
            if not found:
                continue
            path = f"/v2/deployments/{found[0]['id']}"
            act = numbers.choices(["push", "interrupt", "delete"], [10, 4, 0.4])[0]
            if act == "push":
                number += 1
                commit = self.git(name, "commit-tree", "good^{tree}", "-m", f"theirs {number}")
                self.git(name, "push", "-q", "--force", "origin", f"{commit}:refs/heads/theirs")
                self.call("POST", path + "/revisions", {"source_revision_config": {"repo_ref": "theirs"}})
            elif act == "interrupt":
                self.call("POST", f"{path}/revisions/{found[0]['latest_revision_id']}/interrupt", {})
            else:
                self.call("DELETE", path)
                self.wait(numbers.uniform(0, 4))
                self.call("DELETE", path + "?force=true")
            self.count("somebody else: " + act)
            if self.arguments.sabotage:
                ours = self.git(name, "branch", "--show-current")
                self.call("POST", path + "/revisions", {"source_revision_config": {"repo_ref": ours}})

    def faults(self, numbers):
        while self.wait(numbers.uniform(0.5, 6)):
            if numbers.random() < 0.15:
                self.call("DELETE", "/internal/faults")
            fault = numbers.choice(FAULTS).format(n=numbers.randint(1, 4))
            self.call("POST", "/internal/faults", {"fault": fault})
            self.count("faults")

    def outages(self, numbers):
        while self.wait(numbers.uniform(40, 120)):
            self.plane.kill()
            time.sleep(numbers.uniform(0.1, 4))
            self.plane.start()
            self.count("kills of the plane")

    def wait(self, seconds):
        """Whether there is time left after the pause."""
        time.sleep(max(0, min(seconds, self.end - time.time())))
        return time.time() < self.end

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    # Runs of slipway.

    def worker(self, name, numbers):
        while time.time() < self.end:
            with self.lock:
                self.runs += 1
                number = self.runs
            self.one_run(name, number, numbers)

    def one_run(self, name, number, numbers):
        place = os.path.join(self.folder, "runs", str(number))
        os.makedirs(place)
        kind = "rollback" if numbers.random() < 0.12 else "deploy"
        commit = None
        if kind == "deploy":
            mode = numbers.choices(["ok", "slow", "dies", "unbuildable"], [10, 2, 2, 2])[0]
            # A branch of its own: a slow request of an earlier run takes what its branch is when it is handled.
            self.git(name, "checkout", "-q", "-B", f"run-{number}")
            commit = self.commit(name, mode, f"ours {number}")
            with self.lock:
                self.own_commits.add(commit)
        run = chaos_judge.Run(number, name, kind, commit, start=time.time())
        state = os.path.join(self.folder, "state", name)
        words = [*self.words(name, kind, numbers), "--state-dir", state]
        limit = float(words[words.index("--timeout") + 1][:-1])
        attempt = 0
        while True:
            attempt += 1
            before = self.run_ids(state)
            was_cut_off = self.invoke(run, attempt, words, place, limit, numbers)
            fresh = sorted(self.run_ids(state) - before)
            if run.exit in (-signal.SIGTERM, -signal.SIGINT) and not fresh:
                # The signal came before slipway could begin, which changed nothing.
                run.exit, run.needs_report = 128 - run.exit, False
            if attempt == 1:
                run_id = fresh[0] if fresh else None
            # A run that was cut off goes on nine times out of ten, and is left alone otherwise.
            if not was_cut_off or not run_id or attempt > 6 or numbers.random() < 0.1:
                break
            words = ["resume", run_id, "--state-dir", state]
            self.count("resumes")
        run.end = time.time()
        with self.lock:
            self.finished.append(run)
        self.judge(run, place)

    def words(self, name, kind, numbers):
        smoke = numbers.choices([[], ["--smoke", "/ok"], ["--smoke", "/broken"]], [5, 5, 2])[0]
        if kind == "rollback":
            return ["rollback", name, "--yes", "--timeout", f"{numbers.randint(8, 40)}s", *smoke]
        words = ["deploy", "--deployment", name, "--timeout", f"{numbers.randint(6, 45)}s", *smoke]
        words += ["--on-timeout", numbers.choice(["keep", "keep", "rollback", "interrupt"])]
        words += ["--on-failure", numbers.choice(["rollback", "rollback", "rollback", "keep"])]
        if numbers.random() < 0.4:
            words += ["--secrets", "merge", "--secrets-file", self.secrets_file]
        return words + (["--logs"] if numbers.random() < 0.3 else [])

    def invoke(self, run, attempt, words, place, limit, numbers):
        """Runs slipway once; whether a signal cut it off."""
        base = os.path.join(place, str(attempt))
        run.words.append(" ".join(words))
        words = [*words, "--json", base + ".json", "--junit", base + ".xml", "--html",
                 base + ".html", "--summary", base + ".md", "--output", numbers.choice(["text", "jsonl", "json"])]
        if numbers.random() < 0.3:
            words += ["--log-level", "debug"]
        environment = {
            **os.environ, "LANGSMITH_API_KEY": KEY, "SLIPWAY_CONTROL_PLANE": self.relay.url,
            "CHAOS_RUN": f"{os.getpid()}-{run.number}"}
        with open(base + ".out", "wb") as output, open(base + ".err", "wb") as errors:
            process = subprocess.Popen(
                [self.arguments.binary, *words], cwd=os.path.join(self.folder, run.deployment), env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
            signals = self.send_signals(process, numbers)
            try:
                # The first attempt's limit holds for each resumption.
                run.exit = process.wait(timeout=limit + GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                run.exit = None
        self.count(words[0])
        run.report = chaos_judge.read_json(base + ".json")
        was_killed = run.exit == -signal.SIGKILL
        run.needs_report = not was_killed and len(signals) < 2 and run.exit not in (64, 78)
        run.is_complete = not was_killed
        return was_killed or run.exit in (130, 143)

    def send_signals(self, process, numbers):
        sent = numbers.choices(
            [[], [signal.SIGTERM], [signal.SIGINT], [signal.SIGKILL], [signal.SIGTERM, signal.SIGINT],
             [signal.SIGINT, signal.SIGKILL]], [50, 12, 10, 20, 4, 4])[0]
        if not sent:
            return []
        delay = numbers.choice([numbers.uniform(0, 0.3), numbers.uniform(0, 3), numbers.uniform(0, 12)])
        for one in sent:
            try:
                process.wait(timeout=delay)
                return []
            except subprocess.TimeoutExpired:
                process.send_signal(one)
                self.count("signals: " + one.name)
            delay = numbers.uniform(0.01, 0.6)
        return sent

    @staticmethod
    def run_ids(state):
        runs = os.path.join(state, "runs")
        return set(os.listdir(runs)) if os.path.isdir(runs) else set()

    # Verdicts.

    def rows(self, name):
        """The history of a deployment, and of those that had its name before."""
        with sqlite3.connect(self.database, timeout=20) as database:
            return database.execute(
                """SELECT at, kind, deployment, revision, status, artifact, config FROM chaos_history
                WHERE deployment IN (SELECT deployment FROM chaos_history WHERE kind = 'named' AND status = ?)
                ORDER BY n""", [name]).fetchall()

    def judge_late_revisions(self):
        """A request that was slow may make a revision after the run."""
        for name in DEPLOYMENTS:
            history = list(chaos_judge.entries(self.rows(name)))
            chaos_judge.add_times_of_requests(history, list(self.relay.changes))
            for run in self.finished:
                if run.deployment == name:
                    late = chaos_judge.judged_revisions(run, history)
                    self.breaches += [f"run {run.number}, looked at again: {text}" for text in late]

    def judge(self, run, place):
        rows = self.rows(run.deployment)
        with self.lock:
            own = set(self.own_commits)
        history = list(chaos_judge.entries(rows))
        chaos_judge.add_times_of_requests(history, list(self.relay.changes))
        found = list(chaos_judge.judge(run, history, own))
        found += self.secrets.found(place)
        found += [f"process {pid} was left behind" for pid in chaos_judge.left_behind(f"{os.getpid()}-{run.number}")]
        with self.lock:
            self.exits[run.exit] += 1
            for text in found:
                self.breaches.append(f"run {run.number} ({run.kind} {run.deployment} {run.commit}): {text}")
                print(f"BREACH {self.breaches[-1]}", flush=True)
            if found:
                print(chaos_judge.story(run, rows), flush=True)
        if not found:
            shutil.rmtree(place)

    @property
    def database(self):
        return os.path.join(self.plane.state, "plane.sqlite")

    def run(self):
        """Runs until the time is over; returns what broke in this program itself."""
        self.plane.start()
        with sqlite3.connect(self.database, timeout=20) as database:
            database.executescript(chaos_judge.HISTORY)
        self.end = time.time() + self.arguments.minutes * 60
        numbers = random.Random(self.arguments.seed)
        jobs = [(self.faults, ()), (self.outages, ())]
        jobs += [(self.worker, (name,)) for name in DEPLOYMENTS] + [(self.stranger, (name,)) for name in DEPLOYMENTS]
        failures = []

        def guarded(job, words):
            try:
                job(*words)
            except BaseException as error:
                failures.append(error)
                self.end = 0
                raise

        threads = [
            threading.Thread(target=guarded, args=(job, (*words, random.Random(numbers.random())))) for job, words in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # The longest delay among the faults.
        time.sleep(7)
        self.judge_late_revisions()
        self.plane.stop()
        # Journals hold what the runs recorded; the plane's own output must hide the key as well.
        for text in [*self.secrets.found(os.path.join(self.folder, "state")),
                     *self.secrets.found_in(os.path.join(self.plane.state, "stderr"))]:
            self.breaches.append(text)
        agents = chaos_judge.working_in(self.plane.state)
        self.breaches += [f"agent {pid} was left behind" for pid in agents]
        return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=os.path.join(os.environ.get("SLIPWAY_BIN", ""), "slipway"))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sabotage", action="store_true")
    arguments = parser.parse_args()
    arguments.binary = os.path.abspath(arguments.binary)
    plane_module.KEY = KEY
    folder = os.path.realpath(tempfile.mkdtemp(prefix="slipway-chaos-"))
    print(f"The judge finds {chaos_judge.self_test(folder)} made-up breaches and leaks.", flush=True)
    chaos = Chaos(arguments, folder)
    failures = chaos.run()
    print("; ".join(f"{count} {what}" for what, count in sorted(chaos.counts.items())))
    print("exits: " + ", ".join(f"{count} x {code}" for code, count in sorted(chaos.exits.items(), key=str)))
    print(f"{chaos.runs} runs, {len(chaos.breaches)} breaches")
    if chaos.breaches or failures:
        print(f"evidence: {folder}, {chaos.plane.state}")
        sys.exit(1)
    shutil.rmtree(folder)
    shutil.rmtree(chaos.plane.state)


if __name__ == "__main__":
    main()
