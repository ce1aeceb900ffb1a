"""What the checks of engines share: a fleet on two control planes, its exports, and servers that end with the check."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time

from fleet import KEY, Fleet
from plane import Repository, example

TOOLS = os.path.dirname(sys.executable)
SLIPWAY = os.path.join(os.environ["SLIPWAY_BIN"], "slipway")
KEY_EU = "another-key"
TARGETS = """version: 1
name: support
defaults: {{source: github}}
targets:
  - {{deployment: canary, labels: {{ring: canary}}}}
{europe}
  - discover: {{name-contains: customer-, labels: {{ring: customers}}}}
waves:
  - {{name: canary, match: {{ring: canary}}, bake: 1s}}
  - {{name: europe, match: {{ring: europe}}, max-failures: 1}}
  - {{name: customers, match: {{ring: customers}}, max-parallel: 15, max-failures: 3, strict: false}}
"""


class World:
    """Two control planes with 20 deployments, and a repository with their file of targets."""

    def __init__(self, failing=()):
        self.plane, self.europe = Fleet(), Fleet()
        self.europe.key = KEY_EU
        for plane in (self.plane, self.europe):
            plane.rollout = [("QUEUED", 0.1), ("BUILDING", 0.3), ("DEPLOYING", 0.2)]
            plane.failing = set(failing)

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(self.plane)
        self.stack.enter_context(self.europe)
        self.repository = self.stack.enter_context(Repository(example("agent")))
        self.work = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="slipway-engine-"))
        old = self.repository.git("rev-parse", "HEAD")
        for name in ["canary", *(f"customer-{number}" for number in range(15))]:
            self.plane.add(name, [old])
        names = [f"eu-{number}" for number in range(4)]
        for name in names:
            self.europe.add(name, [old])
        europe = "\n".join(
            f'  - {{deployment: {name}, control-plane: "{self.europe.url}", key-env: LANGSMITH_API_KEY_EU, '
            "labels: {ring: europe}}" for name in names)
        with open(self.repository.path + "/targets.yml", "w") as file:
            file.write(TARGETS.format(europe=europe))
        self.commit = self.repository.commit("targets")
        for one in (*self.plane.deployments.values(), *self.europe.deployments.values()):
            one["source_config"]["repo_url"] = self.url
        self.plane.commits = self.europe.commits = {"main": self.commit}
        return self

    def __exit__(self, *_):
        self.stack.close()

    @property
    def environment(self):
        return {"HOME": self.work, "PATH": f"{TOOLS}:{os.environ['SLIPWAY_BIN']}:{os.environ['PATH']}", "LANG": "C.UTF-8",
                "TMPDIR": self.work, "SLIPWAY_CONTROL_PLANE": self.plane.url, "LANGSMITH_API_KEY": KEY,
                "LANGSMITH_API_KEY_EU": KEY_EU}

    @property
    def url(self):
        return "file://" + self.repository.path

    def clone(self, name):
        folder = f"{self.work}/{name}"
        subprocess.run(["git", "clone", "--quiet", self.url, folder], check=True)
        return folder

    def export(self, engine, *flags):
        folder = f"{self.work}/{engine}"
        words = [SLIPWAY, "export", "--to", engine, "targets.yml", "-o", folder, "--targets-per-shard=5", "--discovered=15",
                 *flags]
        subprocess.run(words, cwd=self.repository.path, check=True, capture_output=True)
        return folder

    def state(self):
        """The live commit of each deployment, whether it is ours, and how many revisions it got."""
        return {one["name"]: (plane.live_commit(one["name"]) == self.commit, len(plane.revisions[one["id"]]) - 1)
                for plane in (self.plane, self.europe) for one in plane.deployments.values()}


def finished(words, seconds=300, **options):
    """The exit code and what was printed; the program is ended when it takes longer."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=seconds, **options)
    return done.returncode, done.stdout


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def started(words, log, **options):
    with open(log, "ab") as file:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def temporal_server(work):
    address = f"127.0.0.1:{free_port()}"
    port = address.split(":")[1]
    words = [f"{TOOLS}/temporal", "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port,
             "--http-port", str(free_port()), "--metrics-port", str(free_port()), "--log-level", "error"]
    with started(words, work + "/server.log", env={"HOME": work, "PATH": os.environ["PATH"]}) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", int(port)), timeout=1).close()
                break
            time.sleep(0.1)
        yield address
