"""Runs the GitLab components in gcil, which others wrote, against a local control plane.

usage: gitlab_runner.py PREFIX, which holds the static binary in bin. Jobs run on this machine, without containers. gcil
takes a component once per pipeline only, so each job has a file of its own; it knows no resource groups, retries by exit
code, or reports, which are read from their files. A cancelled job is a SIGTERM to the job's process.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import yaml

from plane import KEY, Plane, expect
from releases import ROOT, Agent, live, packed, served, small_path, step_process

GCIL = os.path.join(os.path.dirname(sys.executable), "gcil")
COMPONENT = "host/GROUP/slipway/"


class Project:
    """A clone of the repository with one job in its .gitlab-ci.yml."""

    def __init__(self, work, repository, plane, releases):
        self.work, self.repository, self.plane, self.releases = work, repository, plane, releases

    def start(self, component, inputs, path=None, **variables):
        given = {"job-name": "job", "stage": "deploy", **inputs}
        document = {"include": [{"component": f"{COMPONENT}{component}@0.1.0", "inputs": given}], "stages": ["deploy"],
                    "job": {"retry": 0}}
        return self.launch(document, path, variables)

    def start_example(self, job, **variables):
        """One job of the example, as it is written there but for the image."""
        with open(ROOT + "/examples/gitlab/.gitlab-ci.yml") as file:
            example = yaml.safe_load(file)
        own = {**example[job], "retry": 0}
        includes = [each for each in example["include"] if each["inputs"]["job-name"] == job]
        for each in includes:
            each["component"] = each["component"].replace("$CI_SERVER_FQDN", "host")
            each["inputs"]["install"] = "archive"
        if not includes:
            own["image"] = "local"
        return self.launch({"include": includes, "stages": example["stages"], job: own}, None, variables)

    def launch(self, document, path, variables):
        folder = tempfile.mkdtemp(prefix="project-", dir=self.work)
        subprocess.run(["git", "clone", "--quiet", self.repository.path, folder], check=True)
        shutil.copytree(ROOT + "/templates", folder + "/.git/templates")
        for each in document["include"]:
            each["inputs"].update(image="local", releases=self.releases)
            component = each["component"].removeprefix(COMPONENT).split("@")[0]
            document[".local"] = {"include": {each["component"]: f".git/templates/{component}/template.yml"}}
        # gcil looks for the project in the folder of the file.
        with open(folder + "/.gitlab-ci.yml", "w") as file:
            yaml.safe_dump(document, file, sort_keys=False)
        with open(folder + "/.git/info/exclude", "a") as file:
            file.write(".gitlab-ci.yml\n.tmp.*\n/out/\n")
        self.folder = folder
        commit = self.repository.git("rev-parse", "HEAD")
        job = {"CI": "true", "GITLAB_CI": "true", "CI_COMMIT_SHA": commit, "CI_COMMIT_BRANCH": "main",
               "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main", "CI_PROJECT_DIR": folder,
               "CI_PROJECT_PATH": "acme/agents", "SLIPWAY_CONTROL_PLANE": self.plane.url, "LANGSMITH_API_KEY": KEY,
               **variables}
        environment = {"PATH": os.environ["PATH"], "HOME": self.work, "LANG": "C.UTF-8", **job}
        entry = [f"PATH={path}"] if path else []
        return subprocess.Popen(
            [GCIL, "--host", "--manual", "-p", *(f"-e{name}={value}" for name, value in job.items()),
             *(f"-e{each}" for each in entry)],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True)

    def run(self, *arguments, **options):
        """The exit code, what was printed, and the variables for later jobs."""
        return self.finish(self.start(*arguments, **options))

    def run_example(self, *arguments, **variables):
        return self.finish(self.start_example(*arguments, **variables))

    def finish(self, process):
        text, _ = process.communicate(timeout=300)
        return process.returncode, text, self.dotenv()

    def dotenv(self):
        try:
            with open(self.folder + "/out/deploy.env") as file:
                return dict(line.rstrip("\n").split("=", 1) for line in file)
        except FileNotFoundError:
            return {}


def ok(title):
    print(f"  ok  {title}", flush=True)


def check(project, repository, plane, small, wheels, work):
    deploy = {"deployment": "support-agent", "smoke": "/ok"}
    ways = {"archive": ({}, None), "wheel": ({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels}, None)}
    if small:
        ways["archive, with busybox alone"] = ({}, small)
    for title, (variables, path) in ways.items():
        commit = repository.commit(title)
        code, text, values = project.run("deploy", {**deploy, "install": title.split(",")[0]}, path=path, **variables)
        expect(values.get("SLIPWAY_RESULT") == "success", f"{title}: exit {code}\n{text}")
        expect(live(plane, "support-agent") == (values["SLIPWAY_REVISION_ID"], commit), f"{title}: not live")
        for report in ("TEST-slipway.xml", "report.html", "report.json"):
            expect(os.path.getsize(f"{project.folder}/out/{report}") > 0, f"{title}: no {report}")
        with open(project.folder + "/out/annotations.json") as file:
            expect(json.load(file)["LangSmith"], f"{title}: no links")
        ok(f"deploy, install: {title}: the commit is live, with reports, variables and links")
    latest = live(plane, "support-agent")
    repository.change("exit 3", "a commit that does not build")
    _, text, values = project.run("deploy", {**deploy, "install": "archive"})
    expect(values.get("SLIPWAY_RESULT") == "failure", text)
    expect(live(plane, "support-agent")[1] == latest[1], "the last good commit is not live")
    ok("deploy of a commit that does not build: fails, and the last good one serves")

    repository.change("true", "a good one")
    _, text, values = project.run("deploy", {**deploy, "install": "archive"})
    expect(values.get("SLIPWAY_RESULT") == "success", text)
    good = values["SLIPWAY_REVISION_ID"]
    rollback = {"deployment": "support-agent", "install": "archive"}
    _, text, values = project.run("rollback", rollback, SLIPWAY_INPUT_REASON="it's $(slow)")
    now = live(plane, "support-agent")
    expect(values.get("SLIPWAY_RESULT") == "success" and now[1] == latest[1], f"{now}\n{text}")
    expect(values["SLIPWAY_REVISION_ID"] == now[0] != good, f"variables of the rollback: {values}")
    ok("rollback: the earlier commit is live again, and its variables name the revision that was created")

    gate = work + "/gate"
    repository.change(f"for i in $(seq 600); do test -e '{gate}' && exit 0; sleep 0.1; done; exit 9", "a long build")
    process = project.start("deploy", {**deploy, "install": "archive"})
    for line in process.stdout:
        if "BUILDING" in line:
            break
    os.kill(step_process("--dotenv=out/deploy.env"), signal.SIGTERM)
    process.communicate(timeout=60)
    open(gate, "w").close()
    values = project.dotenv()
    expect(values.get("SLIPWAY_RESULT") == "cancellation", f"variables of a cancelled job: {values}")
    expect(values["SLIPWAY_REVISION_ID"], f"variables of a cancelled job: {values}")
    ok("deploy cancelled: slipway took the place of the job's shell, and its variables are there")


def check_example(project, repository, plane, binaries):
    """Every job of examples/gitlab/.gitlab-ci.yml."""
    commit = repository.commit("for production")
    _, text, values = project.run_example("deploy-production")
    expect(values.get("SLIPWAY_RESULT") == "success", text)
    expect(live(plane, "support-agent") == (values["SLIPWAY_REVISION_ID"], commit), "deploy-production: not live")
    ok("deploy-production of the example: the commit is live")
    _, text, values = project.run_example("rollback-production", SLIPWAY_INPUT_REASON="answers in French")
    expect(values.get("SLIPWAY_RESULT") == "success" and live(plane, "support-agent")[1] != commit, text)
    ok("rollback-production of the example: the commit is not live any more")
    repository.git("branch", "feature")
    change = {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "acme/agents",
              "CI_COMMIT_BRANCH": "feature", "CI_COMMIT_REF_NAME": "feature", "CI_COMMIT_REF_SLUG": "feature"}
    _, text, values = project.run_example("review", **change)
    expect(live(plane, "support-agent-mr-7")[1] == commit, f"review: not live\n{text}")
    ok("review of the example: the merge request has a deployment of its own")
    _, text, _ = project.run_example("stop-review", **change, PATH=f"{binaries}:{os.environ['PATH']}")
    expect(live(plane, "support-agent-mr-7") == (None, None), f"stop-review: not deleted\n{text}")
    ok("stop-review of the example: the deployment is gone")


def main():
    with tempfile.TemporaryDirectory(prefix="slipway-gcil-") as work, Agent() as repository:
        releases, version, _ = packed(os.path.realpath(sys.argv[1]), work)
        with Plane(repositories=[repository.path]) as plane, served(releases) as address:
            project = Project(work, repository, plane, address)
            check(project, repository, plane, small_path(work), f"{releases}/v{version}", work)
            check_example(project, repository, plane, os.path.realpath(sys.argv[1]) + "/bin")


if __name__ == "__main__":
    main()
