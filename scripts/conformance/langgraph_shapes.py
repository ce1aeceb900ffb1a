"""Agents in many shapes, each started by `langgraph dev` and deployed: what the one starts, the other has to deploy.

Usage: langgraph_shapes.py [SHAPE…]. Without uv in this interpreter's environment pip installs the agents.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from plane import Plane, Repository, expect
from shapes import shapes

TOOLS = os.path.dirname(sys.executable)


def main():
    known = shapes("{}.{}".format(*sys.version_info))
    names = sys.argv[1:] or list(known)
    environment = {"PATH": TOOLS + os.pathsep + os.environ["PATH"]} if shutil.which("uv", path=TOOLS) else {}
    failed = []
    with Plane(environment=environment) as plane:
        for name in names:
            peer, ours = compare(plane, name, known[name])
            print(f"{name}: langgraph dev {peer}, slipway {ours}", flush=True)
            # What is not ready in time, on a busy machine, judges nothing.
            if peer == "answers" and ours != peer:
                failed.append(name)
    expect(not failed, f"langgraph dev starts what was not deployed: {', '.join(failed)}")


def compare(plane, name, shape):
    source = tempfile.mkdtemp(prefix="slipway-shape-")
    try:
        for path, text in shape.files.items():
            os.makedirs(os.path.dirname(os.path.join(source, path)), exist_ok=True)
            with open(os.path.join(source, path), "w") as file:
                file.write(text)
        with Repository(source) as repository:
            return by_hand(repository.path, shape), deployed(plane, name, repository.path, shape)
    finally:
        shutil.rmtree(source)


def by_hand(tree, shape):
    """What `langgraph dev` does, in a copy of the tree."""
    with tempfile.TemporaryDirectory(prefix="slipway-dev-") as copy, socket.socket() as free:
        shutil.copytree(tree, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        folder, file = os.path.split(os.path.join(copy, shape.config))
        # A package in a folder of its own is importable once it is installed, which this stands in for.
        paths = [os.path.join(copy, *path) for path in (("src",), ("projects", "one"), ("libs", "common"))]
        process = subprocess.Popen(
            [os.path.join(TOOLS, "langgraph"), "dev", "--config", file, "--no-browser", "--no-reload",
             "--port", str(port)],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            # Without its bytecode the server takes half a minute to import.
            env={**{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
                 "PYTHONPATH": os.pathsep.join(paths), "LANGSMITH_TRACING": "false",
                 "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGGRAPH_NO_VERSION_CHECK": "true"})
        try:
            deadline = time.monotonic() + 300
            while process.poll() is None and time.monotonic() < deadline:
                if status(f"http://127.0.0.1:{port}{shape.prefix}/ok") == 200:
                    return asked(f"http://127.0.0.1:{port}", shape)
                time.sleep(0.2)
            return f"exits with {process.poll()}" if process.poll() is not None else "is not ready"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=30)


def deployed(plane, name, repository, shape):
    status, answer = plane.call("POST", "/internal/repositories", {"path": repository})
    expect(status < 300, f"the repository is not served: {answer}")
    deployment = plane.create(name.replace(".", "-"), repository, shape.config)
    identifier = deployment["id"]
    revision = plane.call("GET", f"/v2/deployments/{identifier}")[1]["latest_revision_id"]
    final = plane.wait(identifier, revision)
    if final != "DEPLOYED":
        kind = "build" if final == "BUILD_FAILED" else "deploy"
        return final + ": " + " | ".join(plane.log(identifier, revision, kind).splitlines()[-3:])
    result = asked(plane.call("GET", f"/v2/deployments/{identifier}")[1]["url"], shape)
    plane.call("DELETE", f"/v2/deployments/{identifier}")
    return result


def asked(url, shape):
    """Whether the agent answers as the shape says."""
    body = json.dumps({"assistant_id": shape.graph, "input": {"text": "hello"}}).encode()
    request = urllib.request.Request(
        url + shape.prefix + "/runs/wait", data=body, method="POST",
        headers={"Content-Type": "application/json", **shape.headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.loads(response.read())
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}: {error.read(200).decode(errors='replace')}"
    if answer.get("answer") != shape.answer:
        return f"says {answer}"
    missing = [path for path in shape.paths if status(url + path) != 200]
    return f"lacks {missing}" if missing else "answers"


def status(url):
    """Nil without an answer."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())
