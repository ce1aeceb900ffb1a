"""Kills the plane again and again under load: no write that was answered may be lost, no agent started twice."""

import argparse
import http.client
import os
import random
import sys
import threading
import time
import urllib.error

from plane import Plane, Repository, example, expect

LOST_CONNECTION = (OSError, http.client.HTTPException, urllib.error.URLError)


class Writer(threading.Thread):
    """Makes deployments and changes them until the plane is gone; notes what was answered."""

    def __init__(self, plane, name):
        super().__init__()
        self.plane = plane
        self.prefix = name
        self.names = {}
        self.labels = {}

    def run(self):
        number = 0
        try:
            while True:
                number += 1
                status, answer = self.plane.call("POST", "/v2/deployments", {
                    "name": f"{self.prefix}-{number}", "source": "internal_source",
                    "source_config": {"deployment_type": "dev"}, "source_revision_config": {}, "secrets": []}, timeout=5)
                if status == 201:
                    self.names[answer["id"]] = answer["name"]
                status, changed = self.plane.call(
                    "PATCH", f"/v2/deployments/{answer['id']}", {"display_name": f"label {number}"}, timeout=5)
                if status == 200:
                    self.labels[answer["id"]] = changed["display_name"]
        except LOST_CONNECTION:
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    with Repository(example("agent")) as repository, Plane(repositories=[repository.path]) as plane:
        deployment = plane.create("live", repository.path)
        expect(plane.wait(deployment["id"], deployment["latest_revision_id"]) == "DEPLOYED", "no agent to watch")
        agents = processes(plane)
        expect(len(agents) == 1, f"one agent was expected: {agents}")
        written = 0
        for kill in range(arguments.kills):
            written += one_kill(plane, kill)
            expect(processes(plane) == agents, f"kill {kill}: the live agent was not taken over")
        answer = plane.call("GET", "/v2/deployments?name=live")[1]["resources"][0]
        expect(answer["active_revision_id"] == deployment["latest_revision_id"], "the live revision is another one")
        plane.stop()
        expect(processes(plane) == [], "an agent was left behind")
        kept(repository)
    print(f"{arguments.kills} kills, {written} answered writes, none lost")


def kept(repository):
    """With --keep-agents an agent outlives a plane that ends in the ordinary way, and the next one takes it over."""
    with Plane("--keep-agents", repositories=[repository.path]) as plane:
        deployment = plane.create("kept", repository.path)
        expect(plane.wait(deployment["id"], deployment["latest_revision_id"]) == "DEPLOYED", "no agent to keep")
        agents = processes(plane)
        plane.stop()
        expect(processes(plane) == agents and agents, "the agent was not kept")
        plane.arguments.remove("--keep-agents")
        plane.start()
        expect(processes(plane) == agents, "the kept agent was not taken over")
        plane.stop()
        expect(processes(plane) == [], "a kept agent was left behind")


def one_kill(plane, kill):
    writers = [Writer(plane, f"k{kill}-w{number}") for number in range(4)]
    for writer in writers:
        writer.start()
    time.sleep(random.uniform(0.02, 0.25))
    plane.kill()
    for writer in writers:
        writer.join()
    plane.start()
    written = 0
    for writer in writers:
        stored = deployments(plane, writer.names)
        for identifier, name in writer.names.items():
            expect(identifier in stored, f"kill {kill}: deployment {name} was answered and is lost")
        for identifier, label in writer.labels.items():
            expect(stored[identifier]["display_name"] == label, f"kill {kill}: a change was answered and is lost")
        written += len(writer.names) + len(writer.labels)
    return written


def deployments(plane, identifiers):
    found = {}
    identifiers = list(identifiers)
    for start in range(0, len(identifiers), 100):
        part = ",".join(identifiers[start:start + 100])
        page = plane.call("GET", f"/v2/deployments?limit=100&deployment_ids={part}")[1]["resources"]
        found.update({resource["id"]: resource for resource in page})
    return found


def processes(plane):
    """The agents whose folder lies in the plane's state, by pid."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd").startswith(plane.state + "/revisions"):
                found.append(int(pid))
        except OSError:
            continue
    return sorted(found)


if __name__ == "__main__":
    sys.exit(main())
