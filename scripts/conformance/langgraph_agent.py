"""A LangGraph agent deployed from a commit, called, broken, rolled back, and called again."""

import json
import os
import sys
import time
import urllib.request

from plane import Plane, Repository, example, expect, run_graph


def main():
    with Repository(example("langgraph-agent")) as repository:
        with Plane(repositories=[repository.path]) as plane:
            deployment = plane.create("graph", repository.path)["id"]
            first = plane.call("GET", f"/v2/deployments/{deployment}")[1]["latest_revision_id"]
            expect(plane.wait(deployment, first) == "DEPLOYED", plane.log(deployment, first, "build")
                   + plane.log(deployment, first, "deploy"))
            url = plane.call("GET", f"/v2/deployments/{deployment}")[1]["url"]
            expect(run_graph(url, "one") == "You said: one", "the first revision does not answer")

            repository.edit("agent.py", "You said", "You wrote")
            second = revise(plane, repository, deployment, "other words")
            expect(plane.wait(deployment, second) == "DEPLOYED", plane.log(deployment, second, "deploy"))
            expect(run_graph(url, "two") == "You wrote: two", "the second revision does not answer")

            repository.edit("agent.py", "from typing", "import nothing_of_that_name\nfrom typing")
            broken = revise(plane, repository, deployment, "a broken import")
            expect(plane.wait(deployment, broken) == "DEPLOY_FAILED", "a broken import was deployed")
            expect("No module named 'nothing_of_that_name'" in plane.log(deployment, broken, "deploy"),
                   "the log does not say what is broken")
            expect(run_graph(url, "three") == "You wrote: three", "the live revision was touched")

            status, answer = plane.call("POST", f"/v2/deployments/{deployment}/revisions/{first}/redeploy")
            expect(status == 200, f"redeploy answered {status}")
            expect(plane.wait(deployment, answer["latest_revision_id"]) == "DEPLOYED", "the rollback failed")
            expect(run_graph(url, "four") == "You said: four", "the rollback serves other code")

            finishes(plane, repository, deployment, url)
            unresolved(plane, repository, deployment)
            wrong_config(plane, repository, deployment)
            expect(run_graph(url, "five") == "You wrote: five", "a failed build touched the live revision")


def finishes(plane, repository, deployment, url):
    """A run in the background of the revision that is replaced comes to its end."""
    repository.edit("agent.py", "import nothing_of_that_name\n", "import asyncio\n")
    repository.edit("agent.py", "def reply(state: State) -> State:",
                    "async def reply(state: State) -> State:\n    await asyncio.sleep(float(state.get('pause', 0)))")
    repository.edit("agent.py", "    answer: str", "    answer: str\n    pause: float")
    slow = revise(plane, repository, deployment, "a node that may take its time")
    expect(plane.wait(deployment, slow) == "DEPLOYED", plane.log(deployment, slow, "deploy"))
    body = json.dumps({"assistant_id": "agent", "input": {"text": "slow", "pause": 6}}).encode()
    request = urllib.request.Request(
        url + "/runs", data=body, method="POST", headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        expect(answer.status == 200, "a run in the background was refused")
    next_one = revise(plane, repository, deployment, "the one after it")
    expect(plane.wait(deployment, next_one) == "DEPLOYED", plane.log(deployment, next_one, "deploy"))
    output = os.path.join(plane.state, "revisions", slow, "agent.out")
    deadline = time.monotonic() + 40
    while "Background run succeeded" not in open(output).read():
        expect(time.monotonic() < deadline, "the run in the background did not come to its end")
        time.sleep(0.2)


def unresolved(plane, repository, deployment):
    repository.edit("requirements.txt", "langgraph", "package-that-nobody-made-up-yet==99\nlanggraph")
    revision = revise(plane, repository, deployment, "a missing dependency")
    expect(plane.wait(deployment, revision) == "BUILD_FAILED", "a missing dependency was deployed")
    expect("package-that-nobody-made-up-yet" in plane.log(deployment, revision, "build"),
           "the log does not name the missing dependency")


def wrong_config(plane, repository, deployment):
    repository.edit("langgraph.json", "./agent.py:graph", "./gone.py:graph")
    revision = revise(plane, repository, deployment, "a wrong configuration")
    expect(plane.wait(deployment, revision) == "BUILD_FAILED", "a wrong configuration was deployed")
    expect('"./gone.py" does not exist in this commit' in plane.log(deployment, revision, "build"),
           "the log does not name the missing file")


def revise(plane, repository, deployment, message):
    repository.commit(message)
    status, revision = plane.call(
        "POST", f"/v2/deployments/{deployment}/revisions", {"source_revision_config": {"repo_ref": "main"}})
    expect(status == 201, f"a new revision answered {status}: {revision}")
    return revision["id"]


if __name__ == "__main__":
    sys.exit(main())
