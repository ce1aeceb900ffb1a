"""Mutation tests of the decisions: removes or reverses one rule of them at a time; a test has to notice.

usage: mutation.py [--all | --sample N] [--file NAME…]
All changes are compiled into a copy of the sources at once, and the variable SLIPWAY_MUTANT puts one of them into
effect: one build serves for all. The copy stays in .build/mutation, so that the next build is short. Prints what
survives.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

from swift_mutants import SUPPORT, MutableFile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
COPY = os.path.join(ROOT, ".build", "mutation")
PROGRAM = os.path.join(COPY, ".build", "debug", "mutationPackageTests.xctest")
MODULES = ["Steps", "Engine", "ControlPlane"]
# A fleet shares its watchers, so its tests judge them too.
TESTS = [f"{module}Tests" for module in [*MODULES, "Fleet"]]
# Seconds that the tests of one change may take; a test that hangs notices too, but is named.
LIMIT = 60

# What decides, and the suites that are asked first; a name that is gone is told.
DECISIONS = {
    "DeployDecision": "Decision|DeployPlan", "KnownRevisions": "Image", "LiveTrail": "RollbackCandidates",
    "RollbackCause": "FailedDeploy|Deadline|Smoke", "RequestPath": "RequestPath|SmokePath|Address",
    "RollbackDecision": "Rollback|Decision", "RevisionSearch": "Search|Matcher|Lost",
    "RevisionMatcher": "Search|Matcher|Lost", "Reconciliation": "Reconciliation|Search|Lost",
    "RevisionAssessment": "Assessment|Watch|Superseded", "RevisionWatcher": "Watch|Superseded|Sweep",
    "DesiredRevision": "Desired|Decision|DeployPlan", "PollSchedule": "Poll", "EndForecast": "Poll|Forecast",
    "RetryPolicy": "Retry", "Scheduler": "Scheduler|Matrix|Condition|Retry", "ReadyQueue": "Scheduler|Ready",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every change, however long it takes")
    parser.add_argument("--sample", type=int, default=40, help="how many changes, chosen anew every day")
    parser.add_argument("--file", action="append", default=[], help="only this decision type")
    options = parser.parse_args()
    files = find_files(options.file or DECISIONS)
    make_copy()
    mutants = build(files)
    if not options.all:
        random.seed(time.strftime("%F"))
        mutants = sorted(random.sample(mutants, min(options.sample, len(mutants))), key=lambda m: m.number)
    expect_green()
    survivors, hung, start = [], [], time.monotonic()
    for mutant in mutants:
        outcome = outcome_of(mutant)
        if outcome == "survived":
            survivors.append(mutant)
            print(f"SURVIVED {mutant.file}:{mutant.line}: {mutant.change}", flush=True)
        elif outcome == "hung":
            hung.append(mutant)
            print(f"hung {mutant.file}:{mutant.line}: {mutant.change}", flush=True)
    print(f"{len(mutants)} changes in {time.monotonic() - start:.0f} s: {len(mutants) - len(survivors)} noticed, "
          f"{len(hung)} of them by a test that hung; {len(survivors)} survived.")
    return 1 if survivors else 0


def find_files(names):
    found = []
    for name in names:
        paths = [os.path.relpath(os.path.join(folder, name + ".swift"), ROOT)
                 for module in MODULES for folder, _, files in os.walk(os.path.join(ROOT, "Sources", module))
                 if name + ".swift" in files]
        found += paths
    if not found:
        raise SystemExit("no file of a decision was found")
    return found


def make_copy():
    """The sources with the targets that these tests need, and nothing else: a package that builds fast."""
    os.makedirs(COPY, exist_ok=True)
    for folder in ["Sources", "Tests", "workflows", "schema", "docs", "examples"]:
        copy_tree(folder)
    manifest = json.loads(subprocess.check_output(["swift", "package", "dump-package"], cwd=ROOT))
    with open(os.path.join(COPY, "Package.swift"), "w") as file:
        file.write(trimmed_manifest(manifest))


def copy_tree(folder):
    """Keeps the dates of files that are the same, which the next build goes by."""
    target = os.path.join(COPY, folder)
    for path, folders, files in os.walk(os.path.join(ROOT, folder)):
        inside = os.path.join(target, os.path.relpath(path, os.path.join(ROOT, folder)))
        os.makedirs(inside, exist_ok=True)
        for gone in set(os.listdir(inside)) - set(folders) - set(files) - {"Mutation.swift"}:
            gone = os.path.join(inside, gone)
            shutil.rmtree(gone) if os.path.isdir(gone) and not os.path.islink(gone) else os.remove(gone)
        for name in files:
            write(os.path.join(inside, name), open(os.path.join(path, name), "rb").read())


def write(path, data):
    if isinstance(data, str):
        data = data.encode()
    if os.path.islink(path) or not os.path.exists(path) or open(path, "rb").read() != data:
        if os.path.islink(path):
            os.remove(path)
        with open(path, "wb") as file:
            file.write(data)


def trimmed_manifest(manifest):
    """A manifest with the targets that the tests of MODULES depend on."""
    targets = {target["name"]: target for target in manifest["targets"]}
    needed, waiting = {}, list(TESTS)
    while waiting:
        name = waiting.pop()
        if name in targets and name not in needed:
            needed[name] = targets[name]
            waiting += [target_name(d) for d in targets[name]["dependencies"] if target_name(d)]
    products = {product(d)[1] for t in needed.values() for d in t["dependencies"] if product(d)}
    packages = [d["sourceControl"][0] for d in manifest["dependencies"]]
    urls = [package(p) for p in packages if p["identity"] in products]
    return (f'// swift-tools-version: 6.2\nimport PackageDescription\n\nlet package = Package(name: "mutation", '
            f'dependencies: [{", ".join(urls)}], targets: [\n'
            + ",\n".join(target(t) for t in needed.values()) + "\n])\n")


def package(each):
    url, range_ = each["location"]["remote"][0]["urlString"], each["requirement"]["range"][0]
    traits = ", traits: []" if each.get("traits") == [] else ""
    return f'.package(url: "{url}", from: "{range_["lowerBound"]}"{traits})'


def target_name(dependency):
    return (dependency.get("byName") or dependency.get("target") or [None])[0]


def product(dependency):
    """Name and package."""
    return dependency["product"][:2] if "product" in dependency else None


def target(each):
    if each["type"] == "system":
        return f'.systemLibrary(name: "{each["name"]}", pkgConfig: "{each["pkgConfig"]}")'
    dependencies = [f'.product(name: "{product(d)[0]}", package: "{product(d)[1]}")' if product(d)
                    else f'.target(name: "{target_name(d)}")' for d in each["dependencies"]]
    kind = "testTarget" if each["type"] == "test" else "target"
    resources = "".join(f'.embedInCode("{r["path"]}"), ' for r in each["resources"])
    features = "".join(f'.enableUpcomingFeature("{name}"), ' for name in
                       ["ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault"])
    return (f'.{kind}(name: "{each["name"]}", dependencies: [{", ".join(dependencies)}], '
            f'resources: [{resources}], swiftSettings: [.swiftLanguageMode(.v6), {features}])')


def build(paths):
    """Compiles all changes in; those that do not compile are left out, and the rest is returned."""
    files, number = [], 1
    for path in paths:
        files.append(MutableFile(path, open(os.path.join(ROOT, path)).read(), number).find())
        number = files[-1].number
    left_out = set()
    for _ in range(30):
        declarations = {}
        for each in files:
            text, needed = each.rewritten(left_out)
            write(os.path.join(COPY, each.path), text)
            declarations.setdefault(each.path.split("/")[1], []).extend(needed)
        for module in MODULES:
            write(os.path.join(COPY, "Sources", module, "Mutation.swift"),
                  SUPPORT + "\n" + "\n".join(declarations.get(module, [])))
        done = subprocess.run(
            ["swift", "build", "--build-tests", "--package-path", COPY], capture_output=True, text=True)
        if done.returncode == 0:
            kept = [m for each in files for m in each.mutants if m.number not in left_out]
            print(f"{len(kept)} changes in {len(files)} files; {len(left_out)} more do not compile.", flush=True)
            return kept
        wrong = set(re.findall(r"^(?:.*/)?(Sources/[^:\n]+):(\d+):\d+: error", done.stdout + done.stderr, re.MULTILINE))
        # A value that is missing is missed below, in an initializer by every line that follows.
        found = next((found for below in (0, 1, 3, 9, 18) if (found := {
            m.number for each in files for m in each.mutants for path, line in wrong
            if m.file == path and m.line <= int(line) <= m.last_line + below} - left_out)), set())
        if not found:
            errors = [line for line in (done.stdout + done.stderr).splitlines() if "error" in line]
            raise SystemExit("the copy does not build:\n" + "\n".join(errors[:20]))
        left_out |= found
    raise SystemExit("the copy does not build without more and more changes left out")


def tests(number, arguments, limit):
    """Whether the tests passed; None when they were not done in time."""
    environment = {**os.environ, "SLIPWAY_MUTANT": str(number), "SLIPWAY_SWARM_SEEDS": "0..<200",
                   # Of a crash, the backtrace would take longer than the tests.
                   "SWIFT_BACKTRACE": "enable=no"}
    try:
        # Without the package manager, which takes longer than most of the tests.
        return subprocess.run(
            [PROGRAM, "--testing-library", "swift-testing",
             "--experimental-maximum-parallelization-width", "8", *arguments],
            cwd=COPY, env=environment, timeout=limit, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode == 0
    except subprocess.TimeoutExpired:
        return None


# Suites that start programs: slow, and no decision is theirs.
SLOW = ["--skip", "RunStep|Subprocess|Curl|Repository|Upload"]


def expect_green():
    if tests(0, SLOW, 600) is not True:
        raise SystemExit("the tests do not pass without a change")


def outcome_of(mutant):
    name = os.path.basename(mutant.file).removesuffix(".swift")
    module = mutant.file.split("/")[1]
    first = tests(mutant.number, ["--filter", DECISIONS.get(name, name)], LIMIT)
    if first is True:
        first = tests(mutant.number, ["--filter", f"{module}Tests|StepsTests|FleetTests", *SLOW], 3 * LIMIT)
    return {True: "survived", False: "noticed", None: "hung"}[first]


if __name__ == "__main__":
    sys.exit(main())
