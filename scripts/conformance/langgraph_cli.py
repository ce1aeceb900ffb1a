"""The official `langgraph deploy` against the local plane: new, again, broken, lists, logs, deletion."""

import json
import os
import shutil
import subprocess
import sys

from plane import KEY, Plane, Repository, example, expect, run_graph

NAME = "official-cli"


class Client:
    """The `langgraph` program of the Python that runs this."""

    def __init__(self, plane, folder):
        self.program = os.path.join(os.path.dirname(sys.executable), "langgraph")
        self.url = plane.url
        self.folder = folder
        # Nothing of the caller's own account may leak into the check.
        self.environment = {
            key: value for key, value in os.environ.items()
            if not key.startswith(("LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_"))
        } | {"LANGGRAPH_CLI_NO_ANALYTICS": "1"}

    def run(self, *arguments, fails=False):
        done = subprocess.run(
            [self.program, *arguments, "--host-url", self.url, "--api-key", KEY],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300)
        expect((done.returncode != 0) == fails,
               f"langgraph {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def deploy(self, fails=False):
        return self.run("deploy", "--remote", "--no-input", "--json", "--name", NAME, fails=fails)


def main():
    expect(shutil.which("git"), "git is not installed")
    with Repository(example("langgraph-agent")) as repository, Plane() as plane:
        client = Client(plane, repository.path)
        client.deploy()
        deployment = only(plane.call("GET", f"/v2/deployments?name={NAME}")[1]["resources"])
        expect(run_graph(deployment["url"], "one") == "You said: one", "the agent does not answer")

        repository.edit("agent.py", "You said", "You wrote")
        client.deploy()
        expect(run_graph(deployment["url"], "two") == "You wrote: two", "the second deploy is not live")
        revisions = plane.call("GET", f"/v2/deployments/{deployment['id']}/revisions")[1]["resources"]
        expect([r["status"] for r in revisions] == ["DEPLOYED", "DEPLOYED"], f"revisions are {revisions}")

        repository.edit("requirements.txt", "langgraph", "package-that-nobody-made-up-yet==99\nlanggraph")
        output = client.deploy(fails=True)
        expect("BUILD_FAILED" in output or "failed" in output.lower(), f"a failing build was not told:\n{output}")
        expect(run_graph(deployment["url"], "three") == "You wrote: three", "a failed build touched what is live")

        expect(NAME in client.run("deploy", "list"), "the deployment is not listed")
        listed = client.run("deploy", "revisions", "list", deployment["id"])
        expect(revisions[0]["id"] in listed, f"the revision is not listed:\n{listed}")
        client.run("deploy", "logs", "--deployment-id", deployment["id"])
        client.run("deploy", "listeners", "list")
        expect(run_graph(deployment["url"], "four") == "You wrote: four", "the agent does not run at the end")
        client.run("deploy", "delete", deployment["id"], "--force")
        state = plane.call("GET", f"/v2/deployments/{deployment['id']}")
        expect(state[0] == 404 or state[1]["status"].startswith("AWAITING"), f"it was not deleted: {state}")


def only(resources):
    expect(len(resources) == 1, f"one deployment was expected: {json.dumps(resources)}")
    return resources[0]


if __name__ == "__main__":
    sys.exit(main())
