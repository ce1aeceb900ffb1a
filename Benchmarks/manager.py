"""What a release manager waits for: 1,000 deployments, with 1,000 records in git notes and with 10,000. Wall time,
requests and peak memory of `status --all`, of `history` and of the first page of the dashboard, beside curl reading the
same list. The bars hold for 1,000 records.

usage: manager.py FOLDER_OF_THE_BINARIES [DEPLOYMENTS [RECORDS...]]
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid

BIN = os.path.abspath(sys.argv[1])
os.environ["SLIPWAY_BIN"] = BIN
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scripts", "conformance"))
from fleet import KEY, Fleet  # noqa: E402
from plane import Repository, example, expect  # noqa: E402

DEPLOYMENTS = int((sys.argv[2:] + ["1000"])[0])
RECORDS = [int(text) for text in sys.argv[3:]] or [1000, 10_000]
SLIPWAY = os.path.join(BIN, "slipway")
ROUNDS = 5
# The bars of the design: time of the first page in ms, requests, memory in MB.
BARS = {"first page": 200, "requests": 12, "memory": 80}


def record(number, deployment, revision, commit):
    moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 3600 * 24 + number))
    return json.dumps({
        "v": 1, "run_id": f"{time.strftime('%Y%m%d%H%M%S')}-{number:06x}", "tool": "slipway 0.1.0", "workflow": "deploy",
        "change": "deploy", "started_at": moment, "finished_at": moment, "verdict": "success", "commit_sha": commit,
        "actor": {"host": "ci", "user": f"user-{number % 40}"}, "reason": f"change {number}",
        "deployment": {"id": deployment["id"], "name": deployment["name"]},
        "after": {"commit_sha": commit, "revision_id": revision["id"]},
        "revisions": [{"id": revision["id"], "role": "ours", "status": "DEPLOYED", "commit_sha": commit,
                       "deployed_at": moment}]}, separators=(",", ":"))


def write_notes(repository, fleet, commits, count):
    """A note for each commit, with the records of its revisions and, to the number, of ones that are gone."""
    lines = {commit: [] for commit in commits}
    rounds = -(-count // len(fleet.deployments))
    for number, deployment in enumerate(list(fleet.deployments.values()) * rounds):
        if number == count:
            break
        revisions = fleet.revisions[deployment["id"]]
        place = number // len(fleet.deployments)
        revision = revisions[place] if place < len(revisions) else {"id": str(uuid.uuid4())}
        config = revision.get("source_revision_config", {"repo_commit_sha": commits[0]})
        commit = config["repo_commit_sha"]
        lines[commit].append(record(number, deployment, revision, commit))
    for commit, texts in lines.items():
        subprocess.run(["git", "notes", "--ref=slipway", "add", "-f", "-F", "-", commit], cwd=repository.path,
                       input="\n".join(texts), text=True, check=True, capture_output=True)


class Counted(Fleet):
    count = 0

    def respond(self, *arguments):
        self.count += 1
        return super().respond(*arguments)


def measured(command, fleet, cwd, env):
    """Milliseconds, requests and peak memory in MB."""
    before, started = fleet.count, time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = (time.perf_counter() - started) * 1000
    expect(os.waitstatus_to_exitcode(status) == 0, f"{command[1]} ended with {status}: {errors.decode()[-600:]}")
    return elapsed, fleet.count - before, usage.ru_maxrss / 1024


def row(name, rounds):
    times, requests, memory = zip(*rounds)
    print(f"| {name} | {statistics.median(times):.0f} | {min(times):.0f} | {max(requests)} | {max(memory):.1f} |")
    return min(times), max(requests), max(memory)


class Tree:
    """The most memory that a process and its children have together, in MB, until `stop`."""

    def __init__(self, pid):
        self.pid, self.peak, self.ended = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.ended.wait(0.01):
            self.peak = max(self.peak, self.memory(self.pid))

    def memory(self, pid):
        try:
            with open(f"/proc/{pid}/statm") as file:
                own = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
            with open(f"/proc/{pid}/task/{pid}/children") as file:
                return own + sum(self.memory(int(child)) for child in file.read().split())
        except OSError:
            return 0

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self.peak


def first_page(fleet, cwd, env):
    """Of a dashboard that has just started."""
    process = subprocess.Popen([SLIPWAY, "dashboard", "--control-plane", fleet.url], cwd=cwd, env=env,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    tree = Tree(process.pid)
    try:
        link = urllib.parse.urlsplit(process.stdout.readline().removeprefix("dashboard: ").strip())
        connection = http.client.HTTPConnection(link.hostname, link.port, timeout=60)
        connection.request("GET", f"{link.path}?{link.query}")
        answer = connection.getresponse()
        answer.read()
        cookie = answer.getheader("Set-Cookie").split(";")[0]
        before, started = fleet.count, time.perf_counter()
        connection.request("GET", "/", headers={"Cookie": cookie})
        page = connection.getresponse().read().decode()
        elapsed = (time.perf_counter() - started) * 1000
        # What is read in the background completes the page.
        until = time.monotonic() + 30
        while "customer-" not in page and time.monotonic() < until:
            time.sleep(0.02)
            connection.request("GET", "/", headers={"Cookie": cookie})
            page = connection.getresponse().read().decode()
        complete = (time.perf_counter() - started) * 1000
        expect("customer-" in page, "the page has no deployments")
        return (elapsed, fleet.count - before, tree.stop()), complete
    finally:
        process.terminate()
        process.wait()


def report(records, has_bars):
    with Repository(example("agent")) as repository, Counted() as fleet, tempfile.TemporaryDirectory() as state:
        commits = [repository.commit(f"Change {number}") for number in range(10)]
        for number in range(DEPLOYMENTS):
            fleet.add(f"customer-{number:04}", commits[:2 + number % 9], hours=24)
        write_notes(repository, fleet, commits, records)
        env = {name: value for name, value in os.environ.items() if not name.startswith("LANG")}
        env |= {"LANGSMITH_API_KEY": KEY, "SLIPWAY_STATE_DIR": state}
        plane = ["--control-plane", fleet.url]
        print(f"\n{DEPLOYMENTS} deployments, {records} records, {ROUNDS} rounds\n")
        print("| what | ms, median | ms, least | requests | MB |\n|---|--:|--:|--:|--:|")
        pages = [f"{fleet.url}/v2/deployments?limit=100&offset={offset}" for offset in range(0, DEPLOYMENTS, 100)]
        commands = {
            "curl: the list": ["curl", "-sf", "-H", f"X-Api-Key: {KEY}", *pages],
            "status --all": [SLIPWAY, "status", "--all", *plane],
            "history of one": [SLIPWAY, "history", "customer-0008", *plane],
        }
        results = {name: row(name, [measured(command, fleet, repository.path, env) for _ in range(ROUNDS)])
                   for name, command in commands.items()}
        pages = [first_page(fleet, repository.path, env) for _ in range(ROUNDS)]
        found = row("dashboard: first answer", [one for one, _ in pages])
        print(f"\nThe page has its deployments after {min(complete for _, complete in pages):.0f} ms.")
        if not has_bars:
            return True
        checks = [(results["status --all"][1] <= BARS["requests"], "requests of status --all"),
                  (found[0] <= BARS["first page"], "time of the first answer"),
                  (max(found[2], results["status --all"][2]) <= BARS["memory"], "memory")]
        for passed, what in checks:
            print(f"{'ok' if passed else 'OVER THE BAR'}: {what}")
        return all(passed for passed, _ in checks)


passed = [report(count, has_bars=number == 0) for number, count in enumerate(RECORDS)]
sys.exit(0 if all(passed) else 1)
