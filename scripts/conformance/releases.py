"""What the checks of CI systems share: releases served over HTTP, an agent's repository, and a step to signal."""

import contextlib
import functools
import hashlib
import http.server
import json
import os
import subprocess
import tarfile
import threading
import time

from plane import Repository, example, expect

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
ARCHITECTURE = os.uname().machine
# What python:3.12-alpine has besides Python: busybox, and the git of whoever checks out.
APPLETS = ["cat", "cp", "cut", "dirname", "env", "gunzip", "grep", "gzip", "head", "ls", "mkdir", "mktemp", "mv",
           "rm", "sed", "sh", "sha256sum", "sort", "tail", "tar", "test", "touch", "tr", "uname", "wget"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    """The folder's address as long as it is served."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def packed(prefix, work):
    """A folder of releases with the archive, wheel and install.sh of `prefix`; the version; the line of SHA256SUMS.

    packages.py tries what a release really publishes, which takes longer to compress.
    """
    version = subprocess.run([prefix + "/bin/slipway", "--version"], check=True, capture_output=True,
                             text=True).stdout.strip()
    folder, machine = f"{work}/releases/v{version}", f"linux-{ARCHITECTURE}"
    os.makedirs(folder)
    name = f"slipway-{version}-{machine}"
    with tarfile.open(f"{folder}/{name}.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(prefix, name)
    with open(f"{folder}/{name}.tar.gz", "rb") as file:
        line = f"{hashlib.sha256(file.read()).hexdigest()}  {name}.tar.gz\n"
    with open(f"{folder}/SHA256SUMS", "w") as file:
        file.write(line)
    for output, command in ((None, ["scripts/wheel.py", "slipway", version, machine, prefix, folder]),
                            ("install.sh", ["scripts/installer.sh", version, f"{folder}/SHA256SUMS"])):
        with open(f"{folder}/{output}" if output else os.devnull, "w") as file:
            subprocess.run(command, cwd=ROOT, check=True, stdout=file)
    return work + "/releases", version, line


def small_path(work):
    """A PATH without bash, curl and GNU's tools; None without busybox."""
    folder = os.path.join(work, "small")
    os.makedirs(folder, exist_ok=True)
    try:
        busybox = subprocess.run(["sh", "-c", "command -v busybox"], check=True, capture_output=True,
                                 text=True).stdout.strip()
    except subprocess.CalledProcessError:
        return None
    for applet in APPLETS:
        with contextlib.suppress(FileExistsError):
            os.symlink(busybox, f"{folder}/{applet}")
    git = subprocess.run(["sh", "-c", "command -v git"], check=True, capture_output=True, text=True).stdout.strip()
    with contextlib.suppress(FileExistsError):
        os.symlink(git, folder + "/git")
    return folder


class Agent(Repository):
    """The example agent, in a repository that gives out any commit, as the CI systems' do."""

    def __init__(self):
        super().__init__(example("agent"))

    def __enter__(self):
        super().__enter__()
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        return self

    def change(self, build, message):
        """A commit whose build command is `build`."""
        path = self.path + "/langgraph.json"
        with open(path) as file:
            config = json.load(file)
        config["command"]["build"] = build
        with open(path, "w") as file:
            json.dump(config, file)
        return self.commit(message)


def live(plane, name):
    """The live revision's id and its commit, as the plane says."""
    found = [d for d in plane.call("GET", "/v2/deployments?limit=100")[1]["resources"]
             if d["name"] == name and "DELETE" not in d["status"]]
    if not found:
        return None, None
    deployment = found[0]
    revision = deployment["active_revision_id"]
    if not revision:
        return None, None
    status, answer = plane.call("GET", f"/v2/deployments/{deployment['id']}/revisions/{revision}")
    if status == 404:
        return None, None
    expect(status == 200, f"revision {revision}: {status}")
    return revision, answer["source_revision_config"].get("repo_commit_sha")


def step_process(name, within=60):
    """The process ID of the program that took the place of a step's shell."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                if os.path.basename(words[0]) == b"slipway" and name.encode() in b" ".join(words):
                    return int(entry)
        time.sleep(0.05)
    raise SystemExit(f"FAILED: no slipway process with {name} in its arguments")
