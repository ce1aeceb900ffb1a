"""Starts a local control plane for a check, and talks to it as plain HTTP."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

KEY = "conformance-key"
FINAL = {"DEPLOYED", "CREATE_FAILED", "BUILD_FAILED", "DEPLOY_FAILED", "SKIPPED", "INTERRUPTED"}


class Plane:
    """A plane with a state folder of its own, stopped and removed at the end of a `with` block."""

    def __init__(self, *arguments, repositories=(), environment=None):
        self.program = os.path.join(os.environ["SLIPWAY_BIN"], "slipway-control-plane")
        self.arguments = [*arguments, *(word for path in repositories for word in ("--repo", path))]
        self.environment = {**os.environ, "LANGSMITH_API_KEY": KEY, **(environment or {})}
        self.state = tempfile.mkdtemp(prefix="slipway-conformance-")
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.state, ignore_errors=True)

    def start(self):
        with open(os.path.join(self.state, "stderr"), "ab") as errors:
            self.process = subprocess.Popen(
                [self.program, "--state", self.state, *self.arguments],
                stdout=subprocess.PIPE, stderr=errors, env=self.environment, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("control plane: "):
            raise SystemExit(f"the plane did not start: {line}{open(os.path.join(self.state, 'stderr')).read()}")
        self.url = line.removeprefix("control plane: ").strip()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def call(self, method, path, body=None, timeout=30):
        """The status and the JSON of the answer; never raises for a status."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("X-Api-Key", KEY)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, decoded(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, decoded(error.read())

    def integration(self):
        return self.call("GET", "/v1/integrations/github/install")[1][0]["id"]

    def create(self, name, repository, config="langgraph.json"):
        status, answer = self.call("POST", "/v2/deployments", {
            "name": name, "source": "github", "secrets": [],
            "source_config": {"integration_id": self.integration(), "repo_url": repository},
            "source_revision_config": {"repo_ref": "main", "langgraph_config_path": config}})
        expect(status == 201, f"create answered {status}: {answer}")
        return answer

    def wait(self, deployment, revision, seconds=300):
        """The final status of a revision."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.call("GET", f"/v2/deployments/{deployment}/revisions/{revision}")[1]["status"]
            if status in FINAL:
                return status
            time.sleep(0.1)
        raise SystemExit(f"revision {revision} was {status} after {seconds} s")

    def log(self, deployment, revision, kind):
        path = f"/v2/deployments/{deployment}/revisions/{revision}/logs?type={kind}&limit=1000"
        return "\n".join(line["message"] for line in self.call("GET", path)[1]["logs"])


class Repository:
    """A git repository made from a folder, removed at the end of a `with` block."""

    def __init__(self, source):
        self.source = source

    def __enter__(self):
        self.path = os.path.realpath(tempfile.mkdtemp(prefix="slipway-repository-"))
        shutil.copytree(self.source, self.path, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__", ".langgraph_api"))
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("first")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def git(self, *arguments):
        return subprocess.run(
            ["git", "-C", self.path, "-c", "user.name=Conformance", "-c", "user.email=conformance@example.com",
             *arguments], check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def edit(self, name, old, new):
        path = os.path.join(self.path, name)
        text = open(path).read()
        expect(old in text, f"{name} does not contain {old!r}")
        with open(path, "w") as file:
            file.write(text.replace(old, new))


def decoded(data):
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data.decode(errors="replace")


def expect(condition, message):
    if not condition:
        raise SystemExit(f"FAILED: {message}")


def run_graph(url, text):
    """What the example's graph answers."""
    body = json.dumps({"assistant_id": "agent", "input": {"text": text}}).encode()
    request = urllib.request.Request(url + "/runs/wait", data=body, method="POST")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())["answer"]


def example(name):
    return os.path.join(os.path.dirname(__file__), "..", "..", "examples", name)
