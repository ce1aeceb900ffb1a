"""Deploys one fleet in one process and on engines that others wrote, from the files of `slipway export`.

20 targets in three waves, on two control planes with a key each. Every way must change the same deployments, make as many
revisions, leave the same commits live and end with the same exit code: when all is well, when the canary fails, and when a
target fails within max-failures. act lacks environments, and gcil stages that wait; both run jobs on this machine.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

import yaml

from engine_world import KEY_EU, SLIPWAY, TOOLS, World, finished, started, temporal_server
from fleet import KEY
from plane import expect

SETUP = """
name: setup
runs:
  using: composite
  steps:
    - shell: sh
      run: echo "$SLIPWAY_BIN" >> "$GITHUB_PATH"
"""
CHECKOUT = """
name: checkout
inputs: {persist-credentials: {default: ""}, fetch-depth: {default: "1"}}
runs:
  using: composite
  steps:
    - shell: sh
      run: |
        git init --quiet .
        git fetch --quiet "file://$ORIGIN" main
        git checkout --quiet --force --detach "$GITHUB_SHA"
        git update-ref refs/remotes/origin/main FETCH_HEAD
        git remote add origin "file://$ORIGIN" || :
"""
UPLOAD = """
name: upload
inputs: {name: {required: true}, path: {required: true}, if-no-files-found: {default: ""}, overwrite: {default: ""}}
runs:
  using: composite
  steps:
    - shell: sh
      env: {NAME: "${{ inputs.name }}", FILES: "${{ inputs.path }}"}
      run: |
        mkdir -p "$ARTIFACTS/$NAME"
        for file in $FILES; do test -e "$file" || continue; cp -r "$file" "$ARTIFACTS/$NAME/$(echo "$file" | tr / _)"; done
"""
DOWNLOAD = """
name: download
inputs: {pattern: {required: true}, path: {required: true}}
runs:
  using: composite
  steps:
    - shell: sh
      env: {PATTERN: "${{ inputs.pattern }}", FOLDER: "${{ inputs.path }}"}
      run: |
        for artifact in "$ARTIFACTS"/$PATTERN; do
          test -d "$artifact" || continue
          for file in "$artifact"/*; do
            mkdir -p "$FOLDER/$(basename "$artifact")/$(basename "$file")"
            cp "$file" "$FOLDER/$(basename "$artifact")/$(basename "$file")/journal.jsonl"
          done
        done
"""


def report_code(path, story):
    expect(os.path.exists(path), f"no report\n{story}")
    with open(path) as file:
        return json.load(file)["exit_code"]


def in_process(world):
    code, text = finished([SLIPWAY, "fleet", "deploy", "targets.yml", "--state-dir", world.work + "/state"],
                          cwd=world.clone("clone"), env=world.environment)
    return code, text


def act(world):
    folder = world.export("github")
    for path, text in (("slipway/setup", SETUP), ("checkout", CHECKOUT), ("upload", UPLOAD), ("download", DOWNLOAD)):
        os.makedirs(f"{world.work}/actions/{path}")
        with open(f"{world.work}/actions/{path}/action.yml", "w") as file:
            file.write(text)
    with open(folder + "/fleet-support.yml") as file:
        lines = [line.split("uses:")[1].strip() for line in file if "uses:" in line]
    replaced = []
    for name in sorted(set(lines)):
        place = "slipway" if "slipway" in name else name.split("@")[0].split("/")[1].removesuffix("-artifact")
        replaced.append(f"--local-repository={name.replace('/setup@', '@')}={world.work}/actions/{place}")
    world.repository.git("remote", "add", "origin", "https://github.com/acme/agents")
    variables = {"ORIGIN": world.repository.path, "SLIPWAY_BIN": os.environ["SLIPWAY_BIN"],
                 "ARTIFACTS": world.work + "/artifacts"}
    code, text = finished(
        [f"{TOOLS}/act", "workflow_dispatch", "--workflows", folder + "/fleet-support.yml",
         "--platform", "ubuntu-24.04=-self-hosted", "--no-skip-checkout", "--no-cache-server", "--insecure-secrets",
         *replaced, *(f"--env={name}={value}" for name, value in variables.items()),
         f"--secret=LANGSMITH_API_KEY={KEY}", f"--secret=LANGSMITH_API_KEY_EU={KEY_EU}",
         f"--var=LANGSMITH_CONTROL_PLANE={world.plane.url}"], cwd=world.repository.path, env=world.environment)
    found = report_code(world.work + "/artifacts/slipway-support/report/report.json", text)
    expect((code == 0) == (found == 0), f"act exited {code}, the report says {found}\n{text}")
    return found, text


def gcil(world):
    folder = world.clone("project")
    with open(world.export("gitlab", "--image=local") + "/fleet-support.gitlab-ci.yml") as file:
        document = yaml.safe_load(file)
    # gcil repeats a job whatever its exit code was.
    document[".slipway"]["retry"] = 0
    with open(folder + "/.gitlab-ci.yml", "w") as file:
        yaml.safe_dump(document, file, sort_keys=False)
    with open(folder + "/.git/info/exclude", "a") as file:
        file.write(".gitlab-ci.yml\n.tmp.*\n")
    job = {"CI": "true", "GITLAB_CI": "true", "CI_COMMIT_SHA": world.commit, "CI_COMMIT_BRANCH": "main",
           "CI_COMMIT_REF_NAME": "main", "CI_DEFAULT_BRANCH": "main", "CI_PROJECT_DIR": folder,
           "CI_PROJECT_PATH": "acme/agents", **{name: world.environment[name] for name in (
               "SLIPWAY_CONTROL_PLANE", "LANGSMITH_API_KEY", "LANGSMITH_API_KEY_EU", "PATH")}}
    code, text = finished([f"{TOOLS}/gcil", "--host", "--manual", "-p", *(f"-e{name}={value}" for name, value in job.items())],
                          cwd=folder, env={**world.environment, **job})
    found = report_code(folder + "/report/report.json", text)
    # gcil leaves jobs with `when: always` out of its own exit code.
    expect(code == 0 or found != 0, f"gcil exited {code}, the report says {found}\n{text}")
    return found, text


@contextlib.contextmanager
def workers(world, *flags):
    """The exported folder and the address of a server with two workers, each of which has one of the keys."""
    folder = world.export("temporal", *flags)
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(temporal_server(world.work))
        for name, missing in (("europe", "LANGSMITH_API_KEY"), ("rest", "LANGSMITH_API_KEY_EU")):
            own = {variable: value for variable, value in world.environment.items() if variable != missing}
            words = [sys.executable, folder + "/worker.py", "--address", address, "--repository", world.url,
                     "--results", world.work + "/results"]
            stack.enter_context(started(words, f"{world.work}/{name}.log", env=own, cwd=world.work))
        yield [sys.executable, folder + "/start.py", "--address", address]


def temporal(world):
    with workers(world) as start:
        code, text = finished([*start, "run", "--sha", world.commit, "--ref", "main"], env=world.environment, cwd=world.work)
        for name in ("europe", "rest", "server"):
            with open(f"{world.work}/{name}.log") as file:
                text += f"--- {name}\n" + file.read()[-4000:]
    return code, text


def check_approval():
    """In Temporal, the last wave starts when somebody approves it, and not before."""
    with World() as world, workers(world, "--approve=customers") as start:
        process = subprocess.Popen([*start, "run", "--sha", world.commit, "--ref", "main"], env=world.environment,
                                   cwd=world.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            deadline = time.monotonic() + 120
            while len(world.europe.changes) < 4 and time.monotonic() < deadline:
                time.sleep(0.1)
            code, text = finished([*start, "approve", "nobody"], env=world.environment, cwd=world.work)
            expect((code, text) == (64, "unknown wave: nobody\n"), f"unknown wave: exit {code}\n{text}")
            # Longer than the wave before takes.
            time.sleep(5)
            before = [name for name in world.plane.changes if name != "canary"]
            expect(not before and process.poll() is None, f"deployed before the approval: {before}")
            code, text = finished([*start, "approve", "customers"], env=world.environment, cwd=world.work)
            expect(code == 0, text)
            text, _ = process.communicate(timeout=120)
            expect(process.returncode == 0 and len(world.plane.changes) == 16, f"exit {process.returncode}\n{text}")
        finally:
            process.kill()
    print("  ok  Temporal: a wave waits for its approval", flush=True)


ENGINES = {"in one process": in_process, "act": act, "gcil": gcil, "Temporal": temporal}
SCENES = {
    "all is well": ((), 0, {"canary", *(f"eu-{n}" for n in range(4)), *(f"customer-{n}" for n in range(15))}),
    "the canary fails": (("canary",), 1, {"canary"}),
    "a target fails within max-failures": (
        ("eu-2",), 1, {"canary", *(f"eu-{n}" for n in range(4)), *(f"customer-{n}" for n in range(15))}),
}


def check_schemas():
    with World() as world:
        checker = f"{TOOLS}/check-jsonschema"
        for engine, schema in (("github", "vendor.github-workflows"), ("gitlab", "vendor.gitlab-ci")):
            folder = world.export(engine, "--approve=customers", "--environment={fleet}-{wave}")
            files = [os.path.join(folder, name) for name in os.listdir(folder)]
            words = ["--data-transform=gitlab-ci", "--regex-variant=nonunicode"] if engine == "gitlab" else []
            code, text = finished([checker, "--builtin-schema", schema, *words, *files])
            expect(code == 0, text)
        from hera.workflows.models import WorkflowTemplate
        with open(world.export("argo", "--approve=customers") + "/fleet-support.workflow.yml") as file:
            WorkflowTemplate.model_validate(yaml.safe_load(file))
    print("  ok  the files fit the schemas of GitHub, GitLab and Argo Workflows", flush=True)


def main():
    wanted = sys.argv[1:] or list(ENGINES)
    check_schemas()
    for scene, (failing, code, changed) in SCENES.items():
        first = None
        for name in wanted:
            with World(failing) as world:
                found, text = ENGINES[name](world)
                state = world.state()
                changes = {*world.plane.changes, *world.europe.changes}
            story = f"{scene}, {name}"
            expect(found == code, f"{story}: exit code {found}, not {code}\n{text}")
            expect(changes == changed, f"{story}: changed {sorted(changes)}\n{text}")
            # One that fails is rolled back by a second revision.
            counts = {each: (each in changed) + (each in failing) for each in state}
            expect({each: count for each, (_, count) in state.items()} == counts, f"{story}: revisions {state}")
            expect(all(ours == (each in changed - set(failing)) for each, (ours, _) in state.items()), f"{story}: {state}")
            expect(first in (None, state), f"{story}: another state than {wanted[0]}: {state}")
            first = state
            print(f"  ok  {story}: exit code {code}, {len(changed)} deployments changed", flush=True)
    if "Temporal" in wanted:
        check_approval()


if __name__ == "__main__":
    main()
