"""The flow of LangSmith's documentation: create, wait, patch, wait, delete, as a script of plain requests."""

import sys
import time

import requests

from plane import KEY, Plane, Repository, example, expect

MAX_WAIT_TIME = 120
POLL_INTERVAL = 0.2


def main():
    with Repository(example("agent")) as repository:
        with Plane(repositories=[repository.path]) as plane:
            flow(plane.url, repository)


def flow(host, repository):
    session = requests.Session()
    session.headers.update({"X-Api-Key": KEY})
    integrations = session.get(f"{host}/v1/integrations/github/install").json()
    repositories = session.get(f"{host}/v1/integrations/github/{integrations[0]['id']}/repos").json()
    expect(len(repositories) == 1, f"one repository is served, {len(repositories)} are listed")

    answer = session.post(f"{host}/v2/deployments", json={
        "name": "sample-flow",
        "source": "github",
        "source_config": {
            "integration_id": integrations[0]["id"],
            "repo_url": repository.path,
            "deployment_type": "dev",
            "build_on_push": False,
            "custom_url": None,
            "resource_spec": None,
        },
        "source_revision_config": {
            "repo_ref": "main", "langgraph_config_path": "langgraph.json", "image_uri": None,
        },
        "secrets": [{"name": "SAMPLE_SECRET", "value": "a value"}],
    })
    expect(answer.status_code == 201, f"create answered {answer.status_code}: {answer.text}")
    deployment = answer.json()["id"]
    first = answer.json()["latest_revision_id"]
    wait(session, host, deployment, first)

    for name in ("agent.py", "test_agent.py"):
        repository.edit(name, "You said", "You wrote")
    repository.commit("other words")
    answer = session.patch(f"{host}/v2/deployments/{deployment}", json={
        "source_config": {"build_on_push": True},
        "source_revision_config": {"repo_ref": "main", "langgraph_config_path": "langgraph.json"},
    })
    expect(answer.status_code == 200, f"patch answered {answer.status_code}: {answer.text}")
    second = session.get(f"{host}/v2/deployments/{deployment}/revisions").json()["resources"][0]["id"]
    expect(second != first, "the patch made no revision")
    wait(session, host, deployment, second)

    url = session.get(f"{host}/v2/deployments/{deployment}").json()["source_config"]["custom_url"]
    said = requests.post(f"{url}/runs/wait", json={"input": {"text": "hello"}}).json()
    expect(said["output"]["text"] == "You wrote: hello", f"the agent answered {said}")

    pushed(session, host, deployment, repository)

    answer = session.delete(f"{host}/v2/deployments/{deployment}")
    expect(answer.status_code == 204, f"delete answered {answer.status_code}")


def pushed(session, host, deployment, repository):
    """build_on_push was switched on: a commit alone makes a revision."""
    commit = repository.commit("a push")
    deadline = time.monotonic() + MAX_WAIT_TIME
    while time.monotonic() < deadline:
        newest = session.get(f"{host}/v2/deployments/{deployment}/revisions?limit=1").json()["resources"][0]
        if newest["source_revision_config"]["repo_commit_sha"] == commit:
            return wait(session, host, deployment, newest["id"])
        time.sleep(POLL_INTERVAL)
    raise SystemExit("FAILED: a push made no revision")


def wait(session, host, deployment, revision):
    deadline = time.monotonic() + MAX_WAIT_TIME
    while time.monotonic() < deadline:
        status = session.get(f"{host}/v2/deployments/{deployment}/revisions/{revision}").json()["status"]
        if status == "DEPLOYED":
            return
        expect("FAILED" not in status, f"revision {revision} is {status}")
        time.sleep(POLL_INTERVAL)
    raise SystemExit(f"FAILED: revision {revision} was {status} after {MAX_WAIT_TIME} s")


if __name__ == "__main__":
    sys.exit(main())
