"""Runs the action and every example for GitHub in act, a runner that others wrote, against a local control plane.

usage: github_runner.py PREFIX, which holds the static binary in bin. Jobs run on this machine, without containers; the
actions of others that the examples name are replaced, since nothing is downloaded. act lacks environments, concurrency
groups and GitHub's signals: a cancelled job is a SIGINT to the process that act started, as GitHub's runner sends it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from plane import KEY, Plane, expect
from releases import ROOT, Agent, live, packed, served, small_path, step_process

ACT = os.path.join(os.path.dirname(sys.executable), "act")
CHECKOUT = """
name: checkout
inputs: {ref: {default: ""}, persist-credentials: {default: ""}, fetch-depth: {default: "1"}}
runs:
  using: composite
  steps:
    - shell: sh
      env: {REF: "${{ inputs.ref || github.sha }}"}
      run: |
        test -d .git || git init --quiet .
        git fetch --quiet --depth=1 "file://$ORIGIN" "$REF"
        git checkout --quiet --force --detach FETCH_HEAD
        git update-ref refs/remotes/origin/main FETCH_HEAD
        git remote add origin "file://$ORIGIN" || :
"""
UPLOAD = """
name: upload
inputs: {name: {default: ""}, path: {required: true}, if-no-files-found: {default: ""}}
runs:
  using: composite
  steps:
    - shell: sh
      env: {FILE: "${{ inputs.path }}"}
      run: test -s "$FILE"
"""


class Runner:
    """A machine whose jobs find our action at OWNER/slipway@v0 and its release at `releases`."""

    def __init__(self, work, repository, plane, releases, line):
        self.work, self.repository, self.releases, self.plane = work, repository, releases, plane
        action = work + "/slipway"
        os.makedirs(action)
        shutil.copy(ROOT + "/action.yml", action)
        shutil.copytree(ROOT + "/setup", action + "/setup")
        with open(action + "/setup/checksums.txt", "a") as file:
            file.write(line)
        # act takes the repository's name from here; nothing is fetched from it.
        repository.git("remote", "add", "origin", "https://github.com/acme/agents")
        for name, text in (("checkout", CHECKOUT), ("upload", UPLOAD)):
            os.makedirs(f"{work}/{name}")
            with open(f"{work}/{name}/action.yml", "w") as file:
                file.write(text)
        self.examples = {name: open(f"{ROOT}/examples/github/{name}.yml").read()
                         for name in ("deploy", "fleet", "preview", "promote", "rollback")}

    def start(self, workflow, event, payload, path=None):
        """act, with the workflow's text in a folder of its own."""
        folder = tempfile.mkdtemp(prefix="job-", dir=self.work)
        files = {"workflow.yml": workflow, "event.json": json.dumps(payload)}
        for name, text in files.items():
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        used = {line.split("uses:")[1].split("#")[0].strip() for line in workflow.splitlines() if "uses:" in line}
        local = {"OWNER/slipway@v0": "slipway", "OWNER/slipway/setup@v0": "slipway", "actions/checkout": "checkout",
                 "actions/upload-artifact": "upload"}
        replaced = []
        for name in used:
            place = local.get(name) or local[name.split("@")[0]]
            replaced += ["--local-repository", f"{name.replace('/setup@', '@')}={self.work}/{place}"]
        environment = {"HOME": folder, "PATH": path or os.environ["PATH"], "LANG": "C.UTF-8", "TMPDIR": folder}
        variables = {"ORIGIN": self.repository.path, "SLIPWAY_RELEASES": self.releases}
        return subprocess.Popen(
            [ACT, event, "--workflows", folder + "/workflow.yml", "--eventpath", folder + "/event.json", "--json",
             "--platform", "ubuntu-24.04=-self-hosted", "--no-skip-checkout", "--no-cache-server", "--insecure-secrets",
             *replaced, *(f"--env={name}={value}" for name, value in variables.items()),
             f"--secret=LANGSMITH_API_KEY={KEY}", f"--var=LANGSMITH_CONTROL_PLANE={self.plane.url}"],
            cwd=self.repository.path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, *arguments, **options):
        return Run(self.start(*arguments, **options))


class Run:
    """What became of the jobs: their results and outputs, as act read them from the step's files."""

    def __init__(self, process):
        try:
            text, _ = process.communicate(timeout=300)
        finally:
            process.kill()
        self.code, self.lines = process.returncode, []
        for line in text.splitlines():
            try:
                self.lines.append(json.loads(line))
            except ValueError:
                self.lines.append({"msg": line})
        self.story = "\n".join(str(line.get("msg", "")) for line in self.lines)

    def outputs(self, job="deploy", step="slipway"):
        """The outputs of the last step with the id, in the job."""
        return {line["name"]: line["arg"] for line in self.lines
                if line.get("command") == "set-output" and line["jobID"] == job and line["stepID"] == [step]}

    def succeeded(self, title):
        expect(self.code == 0, f"{title}: act exited {self.code}\n{self.story}")
        return self


def push(repository, ref="refs/heads/main"):
    commit = repository.git("rev-parse", "HEAD")
    return {"ref": ref, "after": commit, "repository": {"full_name": "acme/agents", "default_branch": "main"}}


def ok(title):
    print(f"  ok  {title}", flush=True)


def check_deploy(runner, repository, plane, names, small):
    deploy = runner.examples["deploy"]
    first = runner.run(deploy, "push", push(repository)).succeeded("deploy").outputs()
    # A local control plane has no page.
    missing = names - set(name for name, value in first.items() if value) - {"dashboard-url", "previous-revision-id"}
    expect(not missing, f"outputs without a value: {missing}")
    expect((first["result"], first["changed"]) == ("success", "true"), f"outputs: {first}")
    commit = repository.git("rev-parse", "HEAD")
    expect(live(plane, "support-agent") == (first["revision-id"], commit), "the plane has another live revision")
    expect(first["live-revision-id"] == first["revision-id"] and first["commit-sha"] == commit, f"outputs: {first}")
    kind = [d for d in plane.call("GET", "/v2/deployments?limit=100")[1]["resources"] if d["name"] == "support-agent"]
    expect(kind[0]["source_config"]["deployment_type"] == "prod", "production is not of type prod")
    ok("deploy.yml: the commit is live, every output is set, production is of type prod")
    again = runner.run(deploy, "push", push(repository)).succeeded("deploy again").outputs()
    expect(again["changed"] == "false", f"outputs: {again}")
    ok("deploy.yml again: nothing changes")
    if small:
        run = runner.run(deploy, "push", push(repository), path=small).succeeded("deploy without bash")
        expect(run.outputs()["result"] == "success", run.story)
        ok("deploy.yml with busybox alone: no bash, no curl")
    else:
        print("  SKIPPED deploy.yml without bash: busybox is not installed")
    repository.change("exit 3", "a commit that does not build")
    broken = runner.run(deploy, "push", push(repository))
    outputs = broken.outputs()
    expect(broken.code != 0 and outputs["result"] == "failure", broken.story)
    expect(outputs["previous-revision-id"] == first["revision-id"], f"outputs: {outputs}")
    expect(live(plane, "support-agent")[1] == commit, "the last good commit is not live")
    ok("deploy.yml with a commit that does not build: fails, and the last good one serves")


def check_cancelled(runner, repository, gate):
    repository.change(f"for i in $(seq 600); do test -e '{gate}' && exit 0; sleep 0.1; done; exit 9", "a long build")
    process = runner.start(runner.examples["deploy"], "push", push(repository))
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "BUILDING" in line:
            break
    os.kill(step_process(runner.work), signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    open(gate, "w").close()
    run = Run.__new__(Run)
    run.lines = [json.loads(line) for line in "".join([*seen, rest]).splitlines() if line.startswith("{")]
    outputs = run.outputs()
    expect(outputs.get("result") == "cancellation", f"outputs of a cancelled job: {outputs}")
    expect(outputs["revision-id"] and outputs["run-id"], f"outputs of a cancelled job: {outputs}")
    ok("deploy.yml cancelled: the step's first process is slipway, and its outputs are set")


def check_rollback(runner, repository, plane):
    repository.change("true", "a good one")
    runner.run(runner.examples["deploy"], "push", push(repository)).succeeded("first deploy")
    first = live(plane, "support-agent")
    repository.change("true && true", "the next one")
    second = runner.run(runner.examples["deploy"], "push", push(repository)).succeeded("second deploy").outputs()
    inputs = {"deployment": "support-agent", "reason": "it's $(slow); `touch pwned`", "revision": ""}
    run = runner.run(runner.examples["rollback"], "workflow_dispatch", {**push(repository), "inputs": inputs})
    outputs = run.succeeded("rollback").outputs("rollback")
    now = live(plane, "support-agent")
    expect(now[1] == first[1] and now[0] != second["revision-id"], f"live after the rollback: {now}")
    expect(outputs["revision-id"] == outputs["live-revision-id"] == now[0], f"outputs of the rollback: {outputs}")
    ok("rollback.yml: the earlier commit is live again, and revision-id is the one that was created")


def check_others(runner, repository, plane):
    commit = repository.commit("for all")
    run = runner.run(runner.examples["promote"], "push", push(repository)).succeeded("promote")
    expect(run.outputs("staging")["commit-sha"] == run.outputs("production")["commit-sha"] == commit, run.story)
    expect(live(plane, "support-agent-staging")[1] == live(plane, "support-agent")[1] == commit, "promote")
    ok("promote.yml: production gets the commit that staging proved")
    repository.change("exit 3", "a commit that does not build")
    run = runner.run(runner.examples["promote"], "push", push(repository))
    expect(run.code != 0 and run.outputs("staging")["result"] == "failure", run.story)
    expect(not run.outputs("production") and live(plane, "support-agent")[1] == commit, "production was touched")
    ok("promote.yml with a commit that does not build: production is not touched")
    repository.change("true", "a good one again")
    commit = repository.git("rev-parse", "HEAD")
    repository.git("tag", "v1")
    runner.run(runner.examples["fleet"], "push", push(repository, "refs/tags/v1")).succeeded("fleet")
    for region in ("us", "eu"):
        expect(live(plane, f"support-agent-{region}")[1] == commit, f"fleet: {region}")
    ok("fleet.yml: every row of the matrix is live")


def check_preview(runner, repository, plane):
    """What act calls the event's commit is the folder's HEAD: GitHub's merge of the pull request."""
    repository.git("checkout", "--quiet", "-b", "feature", "main")
    head = repository.commit("feature")
    repository.git("checkout", "--quiet", "--detach", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "feature")
    side = {"repo": {"full_name": "acme/agents"}, "sha": head, "ref": "feature"}
    change = {**push(repository), "number": 7, "pull_request": {"number": 7, "head": side, "base": side}}
    runner.run(runner.examples["preview"], "pull_request", {**change, "action": "opened"}).succeeded("preview")
    expect(live(plane, "support-agent-pr-7")[1] == head, "preview: not live")
    runner.run(runner.examples["preview"], "pull_request", {**change, "action": "closed"}).succeeded("closed preview")
    expect(live(plane, "support-agent-pr-7") == (None, None), "preview: not deleted")
    ok("preview.yml: a pull request has a deployment until it is closed, by setup/action.yml")


def main():
    import yaml
    with open(ROOT + "/action.yml") as file:
        names = set(yaml.safe_load(file)["outputs"])
    with tempfile.TemporaryDirectory(prefix="slipway-act-") as work, Agent() as repository:
        releases, _, line = packed(os.path.realpath(sys.argv[1]), work)
        with Plane(repositories=[repository.path]) as plane, served(releases) as address:
            runner = Runner(work, repository, plane, address, line)
            check_deploy(runner, repository, plane, names, small_path(work))
            check_cancelled(runner, repository, work + "/gate")
            check_rollback(runner, repository, plane)
            check_others(runner, repository, plane)
            check_preview(runner, repository, plane)


if __name__ == "__main__":
    main()
