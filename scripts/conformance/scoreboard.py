"""The faults of docs/failures.md that users meet most, for slipway and for the official `langgraph deploy`.

usage: scoreboard.py [--all] FOLDER_OF_THE_BINARIES
The folder holds `slipway` and `Benchmarks`, whose `serve` is the control plane of both columns. Without --all, the
official program is given up after a minute; with it, it is waited for, up to six. Fails when slipway's column is not as
promised; the other column is only shown.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

DEPLOYED, PATIENCE = 0, 60


@dataclasses.dataclass
class Fault:
    title: str
    # The fault of `Benchmarks serve`.
    serve: str
    # What slipway must end with.
    status: int
    # And what its output must say.
    says: str = ""
    arguments: tuple = ()
    # Sent when the revision is being watched.
    signal: int = 0
    seconds: float = 120


SHORT = ("--timeout", "8s")
FAULTS = [
    Fault("one 500 on a poll", "poll-500", DEPLOYED),
    Fault("one 503 on a poll", "poll-503", DEPLOYED),
    Fault("one 429 with Retry-After on a poll", "poll-429", DEPLOYED),
    Fault("a connection reset on a poll", "poll-reset", DEPLOYED),
    Fault("truncated JSON on a poll", "poll-truncated", DEPLOYED),
    Fault("a login page on a poll", "poll-html", DEPLOYED),
    Fault("a poll that takes more than 30 s", "poll-slow", DEPLOYED),
    Fault("504 although the revision was made", "change-504", DEPLOYED),
    Fault("never terminal", "stuck", 124, "timed out", SHORT),
    Fault("INTERRUPTED", "interrupted", 124, "INTERRUPTED", SHORT),
    Fault("an unknown status", "unknown-status", 124, "CANARY_ANALYSIS", SHORT),
    Fault("SKIPPED", "skipped", 4, "superseded"),
    Fault("a newer revision of somebody else", "newer", 4, "superseded"),
    Fault("SIGTERM while it waits", "stuck", 143, "slipway resume", signal=signal.SIGTERM),
    Fault("SIGINT while it waits", "stuck", 130, "slipway resume", signal=signal.SIGINT),
]


class Plane:
    """`Benchmarks serve` with one fault, for one deploy."""

    def __init__(self, binaries, fault, commit):
        self.process = subprocess.Popen(
            [os.path.join(binaries, "Benchmarks"), "serve", "--commit", commit, "--fault", fault],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


@dataclasses.dataclass
class Result:
    # Negative for a signal; None when it was given up.
    status: int | None
    output: str
    seconds: float

    def __str__(self):
        if self.status is None:
            return f"still runs after {self.seconds:.0f} s"
        code = 128 - self.status if self.status < 0 else self.status
        return f"{code} after {self.seconds:.0f} s"


def run(command, folder, plane, fault, seconds):
    """One deploy to its end; a signal is sent when it has been watching for a while."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8", "LANGSMITH_API_KEY": "benchmark-key",
        "SLIPWAY_STATE_DIR": os.path.join(folder, "state-" + plane.url.rpartition(":")[2]),
        "LANGGRAPH_CLI_NO_ANALYTICS": "1"}
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=os.path.join(folder, "repository"), env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        if fault.signal:
            time.sleep(8)
            process.send_signal(fault.signal)
        output = process.communicate(timeout=seconds)[0]
        return Result(process.returncode, output, time.monotonic() - start)
    except subprocess.TimeoutExpired:
        process.kill()
        return Result(None, process.communicate()[0], time.monotonic() - start)


def slipway(binaries, folder, commit, fault):
    with Plane(binaries, fault.serve, commit) as plane:
        return run([os.path.join(binaries, "slipway"), "deploy", "--control-plane", plane.url, "--deployment", "agent",
                    "--source", "internal_source", *fault.arguments], folder, plane, fault, fault.seconds)


def incumbent(binaries, folder, commit, fault, patience):
    program = os.path.join(os.path.dirname(sys.executable), "langgraph")
    with Plane(binaries, fault.serve, commit) as plane:
        return run([program, "deploy", "--remote", "--no-input", "--json", "--host-url", plane.url, "--api-key",
                    "benchmark-key", "--name", "agent"], folder, plane, fault, patience)


def broken_promise(fault, result):
    """None when it was kept."""
    if result.status != fault.status:
        return f"expected {fault.status}, got {result}"
    if fault.says.lower() not in result.output.lower():
        return f"the output does not say '{fault.says}'"
    ids = re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", result.output)
    if not ids:
        return "the output names no revision"
    return "the key is in the output" if "benchmark-key" in result.output else None


def git(folder, *arguments):
    return subprocess.run(["git", "-c", "user.name=bench", "-c", "user.email=bench@example.invalid", *arguments],
                          cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def make_repository(folder):
    repository = os.path.join(folder, "repository")
    os.mkdir(repository)
    git(repository, "init", "-q", "-b", "main")
    for name, text in [("langgraph.json", '{"dependencies": ["."], "graphs": {"agent": "./agent.py:graph"}}'),
                       ("agent.py", "graph = None\n"), ("requirements.txt", "")]:
        with open(os.path.join(repository, name), "w") as file:
            file.write(text)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "An agent")
    return git(repository, "rev-parse", "HEAD")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("binaries")
    options = parser.parse_args()
    options.binaries = os.path.realpath(options.binaries)
    patience = 360 if options.all else PATIENCE
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(6) as pool:
        commit = make_repository(folder)
        ours = [pool.submit(slipway, options.binaries, folder, commit, fault) for fault in FAULTS]
        theirs = [pool.submit(incumbent, options.binaries, folder, commit, fault, patience) for fault in FAULTS]
        failed = []
        print("| fault | slipway | promised | langgraph deploy |\n|---|---|---|---|")
        for fault, our, their in zip(FAULTS, ours, theirs):
            reason = broken_promise(fault, our.result())
            print(f"| {fault.title} | {our.result()} | {'yes' if reason is None else 'NO'} | {their.result()} |")
            if reason:
                failed.append(f"{fault.title}: {reason}\n{our.result().output[-2000:]}")
    for text in failed:
        print(f"\nFAILED {text}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
