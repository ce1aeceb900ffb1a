"""Start-up and whole deploys: the release's static binary and the one of `make build`, beside the official command line
and beside a C program that only links the same libraries. Median and least wall time, and peak memory.

usage: deploy.py FOLDER_OF_THE_BINARIES [STATIC_BINARY [FOLDER_OF_THE_PEER]]; "" for none
The environment variable RUNS is the number of rounds.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import uuid

BIN, STATIC, PEER = (sys.argv[1:] + ["", ""])[:3]
RUNS, PEER_RUNS = int(os.environ.get("RUNS", "30")), 5


def measure(launcher, arguments, cwd, env):
    """Wall time in ms and peak memory in MB of a fresh process."""
    command = [part.replace("{unique}", "agent-" + uuid.uuid4().hex[:8]) for part in arguments]
    run = subprocess.run([launcher, *command], cwd=cwd, env=env, capture_output=True, text=True)
    elapsed, kibibytes, status = run.stdout.split() if run.returncode == 0 else (0, 0, run.returncode << 8)
    if int(status) != 0:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(int(status))}: {run.stderr[-600:]}")
    return float(elapsed), int(kibibytes) / 1024


def compiled(name, folder, *flags):
    program = os.path.join(folder, name)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".c")
    subprocess.run(["clang", "-O1", "-o", program, source, *flags], check=True)
    return program


def git(folder, *arguments):
    subprocess.run(["git", "-c", "user.name=bench", "-c", "user.email=bench@example.invalid", *arguments], cwd=folder,
                   check=True, stdout=subprocess.DEVNULL)


def main():
    with tempfile.TemporaryDirectory() as folder:
        repository = os.path.join(folder, "repository")
        os.mkdir(repository)
        git(repository, "init", "-q", "-b", "main")
        with open(os.path.join(repository, "langgraph.json"), "w") as file:
            file.write('{"dependencies": ["."], "graphs": {"agent": "./agent.py:graph"}}')
        with open(os.path.join(repository, "agent.py"), "w") as file:
            file.write("graph = None\n")
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", "An agent")
        sha = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=repository, text=True).strip()
        plane = subprocess.Popen([os.path.join(BIN, "Benchmarks"), "serve", "--commit", sha], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        try:
            url = f"http://127.0.0.1:{plane.stdout.readline().strip()}"
            report(url, repository, folder)
        finally:
            plane.kill()


def report(url, repository, folder):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8", "LANGSMITH_API_KEY": "benchmark-key",
           "SLIPWAY_STATE_DIR": folder + "/state", "LANGGRAPH_CLI_NO_ANALYTICS": "1"}
    slipway = [STATIC or os.path.join(BIN, "slipway")]
    deploy = slipway + ["deploy", "--control-plane", url]
    github = ["--source", "github", "--repo-url", "https://github.com/o/r", "--integration-id",
              "11111111-1111-4111-8111-111111111111", "--allow-unpushed"]
    launcher = compiled("launch", folder)
    floor = compiled("libraries", folder, "-lcurl", "-lgit2")
    rows = [
        ("a C program that links the shared libcurl and libgit2", [floor], RUNS),
        ("and sets them up", [floor, "set-up"], RUNS),
    ]
    if STATIC:
        shared = [os.path.join(BIN, "slipway")]
        rows += [
            ("slipway of make build --version", shared + ["--version"], RUNS),
            ("slipway of make build deploy, internal_source, new", shared + deploy[1:] + [
                "--deployment", "{unique}", "--source", "internal_source"], RUNS),
        ]
    rows += [
        ("slipway --version", slipway + ["--version"], RUNS),
        ("slipway deploy, github, new", deploy + ["--deployment", "{unique}"] + github, RUNS),
        ("slipway deploy, internal_source, new", deploy + ["--deployment", "{unique}", "--source", "internal_source"],
         RUNS),
    ]
    subprocess.run(deploy + ["--deployment", "same"] + github, cwd=repository, env=env, check=True,
                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    rows.append(("slipway deploy, github, again (--force)", deploy + ["--deployment", "same", "--force",
                                                                     "--allow-unpushed"], RUNS))
    rows.append(("slipway deploy, up to date", deploy + ["--deployment", "same", "--allow-unpushed"], RUNS))
    if PEER:
        peer = [os.path.join(PEER, "langgraph")]
        rows.append(("langgraph --version", peer + ["--version"], PEER_RUNS))
        rows.append(("langgraph deploy, new", peer + ["deploy", "--remote", "--no-input", "--json", "--host-url", url,
                                                     "--api-key", "benchmark-key", "--name", "{unique}"], PEER_RUNS))
    # In rounds: the speed of a shared machine changes from minute to minute.
    seen = {name: [] for name, _, _ in rows}
    for number in range(RUNS):
        for name, command, runs in rows:
            if number < runs:
                seen[name].append(measure(launcher, command, repository, env))
    print("| command | wall, median | fastest | peak memory |\n|---|---:|---:|---:|")
    for name, measured in seen.items():
        times, memory = zip(*measured)
        print(f"| {name} | {statistics.median(times):.1f} ms | {min(times):.1f} ms | {max(memory):.1f} MB |")


main()
