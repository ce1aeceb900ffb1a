"""Judges runs of slipway by what the control plane's own database recorded at each moment, not by what slipway said."""

import base64
import dataclasses
import json
import os
import time
import urllib.parse

FAILED = {"CREATE_FAILED", "BUILD_FAILED", "DEPLOY_FAILED", "SKIPPED", "INTERRUPTED"}
FINAL = FAILED | {"DEPLOYED"}
EXIT_CODES = {0, 1, 3, 4, 5, 64, 69, 73, 75, 77, 78, 124, 130, 143}
# A change is decided on reads younger than 2 s; the rest is the way of the request on a machine under load.
SECONDS_FROM_READ_TO_CHANGE = 3.5
# The longest delay of a fault, and some more.
LONGEST_DELAY = 10
# How long before its exit a run may have seen for the last time that its commit is live.
SECONDS_FROM_READ_TO_EXIT = 6

# Every change of a revision's status and of the live revision, as the database made it.
HISTORY = """
CREATE TABLE chaos_history (
    n INTEGER PRIMARY KEY, at REAL, kind TEXT, deployment TEXT, revision TEXT, status TEXT, artifact TEXT, config TEXT);
CREATE TRIGGER chaos_made AFTER INSERT ON revisions BEGIN
    INSERT INTO chaos_history (at, kind, deployment, revision, status, artifact, config) VALUES (
        (julianday('now') - 2440587.5) * 86400, 'made', NEW.deploymentID, NEW.id, NEW.status, NEW.artifactID, NEW.config);
END;
CREATE TRIGGER chaos_named AFTER INSERT ON deployments BEGIN
    INSERT INTO chaos_history (at, kind, deployment, status) VALUES (
        (julianday('now') - 2440587.5) * 86400, 'named', NEW.id, NEW.name);
END;
CREATE TRIGGER chaos_status AFTER UPDATE OF status ON revisions WHEN NEW.status IS NOT OLD.status BEGIN
    INSERT INTO chaos_history (at, kind, deployment, revision, status) VALUES (
        (julianday('now') - 2440587.5) * 86400, 'status', NEW.deploymentID, NEW.id, NEW.status);
END;
CREATE TRIGGER chaos_live AFTER UPDATE OF activeRevisionID ON deployments
    WHEN NEW.activeRevisionID IS NOT OLD.activeRevisionID BEGIN
    INSERT INTO chaos_history (at, kind, deployment, revision) VALUES (
        (julianday('now') - 2440587.5) * 86400, 'live', NEW.id, NEW.activeRevisionID);
END;
"""


@dataclasses.dataclass
class Entry:
    at: float
    kind: str
    deployment: str
    revision: str
    status: str = None
    artifact: str = None
    commit: str = None
    # When the request for it was sent; a slow control plane makes it later.
    sent: float = None


@dataclasses.dataclass
class Run:
    """One intent: a deploy or a rollback with all its resumptions."""

    number: int
    deployment: str
    kind: str
    commit: str
    start: float
    end: float = 0
    # What the last process ended with; negative for a signal, None for one that had to be killed after its time.
    exit: int = None
    report: dict = None
    # Whether a report must be there: not after a kill, nor after a second signal, which ends a run at once.
    needs_report: bool = True
    is_complete: bool = True
    words: list = dataclasses.field(default_factory=list)


def entries(rows):
    for at, kind, deployment, revision, status, artifact, config in rows:
        commit = json.loads(config).get("repo_commit_sha") if config else None
        yield Entry(at, kind, deployment, revision, status, artifact, commit)


def add_times_of_requests(history, changes):
    """Marks what redeploys made, and when they were sent: moments, methods and paths of requests in `changes`.

    The artifact alone does not tell: a revision whose build was removed is built again when it is redeployed.
    """
    made = [entry for entry in history if entry.kind == "made"]
    commits = {entry.revision: entry.commit for entry in made}
    for at, method, path in changes:
        parts = path.split("/")
        if method != "POST" or parts[-1] != "redeploy" or len(parts) < 3:
            continue
        for entry in made:
            if (entry.deployment in parts and entry.sent is None and at <= entry.at <= at + LONGEST_DELAY
                    and entry.revision != parts[-2] and entry.commit == commits.get(parts[-2])):
                entry.sent = at
                entry.artifact = parts[-2]
                break


def judge(run, history, own_commits):
    """The broken promises of one run; `own_commits` are those of all runs."""
    names = {entry.deployment: entry.status for entry in history if entry.kind == "named"}
    mine = [entry for entry in history if names.get(entry.deployment) == run.deployment]
    return [
        *judged_exit(run), *judged_revisions(run, mine), *judged_redeploys(run, mine, own_commits),
        *judged_success(run, mine)]


def story(run, rows):
    """What was typed and what happened meanwhile, with seconds since the run began."""
    moments = []
    for entry in entries(rows):
        if run.start - 30 <= entry.at <= run.end:
            again = f" again {entry.artifact[:8]}" if entry.artifact != entry.revision and entry.artifact else ""
            commit = f" of {entry.commit[:8]}" if entry.commit else ""
            moments.append(
                f"{entry.at - run.start:8.2f} {entry.kind} {(entry.revision or '-')[:8]} {entry.status or ''}"
                + commit + again)
    return "\n".join(f"  {line}" for line in [*run.words, *moments])


def judged_exit(run):
    if run.exit is None:
        yield "it did not end in its time"
    elif run.exit < 0 and run.exit != -9 or run.exit == 70:
        yield f"it crashed: exit {run.exit}"
    elif run.exit >= 0 and run.exit not in EXIT_CODES:
        yield f"exit {run.exit} is not in the table"
    if run.report is not None and run.is_complete and run.report.get("exit_code") != run.exit:
        yield f"exit {run.exit}, but the report says {run.report.get('exit_code')}"
    if run.report is None and run.is_complete and run.needs_report:
        yield f"exit {run.exit}, and no report"


def judged_revisions(run, history):
    made = [e for e in history if e.kind == "made" and e.commit == run.commit and e.artifact == e.revision]
    if run.kind == "deploy" and len(made) > 1:
        yield f"{len(made)} revisions for one intent: {[e.revision for e in made]}"
    again = redeploys(run, history)
    if len(again) > 1:
        yield f"{len(again)} redeploys for one intent: {[e.revision for e in again]}"


def redeploys(run, history):
    return [
        e for e in history
        if e.kind == "made" and e.artifact != e.revision and run.start <= (e.sent or e.at) <= run.end]


def judged_redeploys(run, history, own_commits):
    for again in redeploys(run, history):
        own = [e for e in history if e.kind == "made" and e.commit == run.commit and e.artifact == e.revision]
        if run.kind == "deploy" and not own:
            yield f"redeploy {again.revision} although the run made no revision"
            continue
        since = own[0].at if run.kind == "deploy" else run.start
        for other in history:
            if other.kind != "made" or other.artifact != other.revision or other.commit in own_commits:
                continue
            sent = again.sent or again.at
            age = sent - other.at
            status, changed = status_at(other.revision, history, sent)
            if age < SECONDS_FROM_READ_TO_CHANGE:
                continue
            # What failed within the time of a read may have been seen as failed, and the reverse is no excuse.
            is_newer = other.at > since and status not in FAILED
            is_under_way = status not in FINAL and sent - changed > SECONDS_FROM_READ_TO_CHANGE
            if is_newer or (run.kind == "rollback" and is_under_way):
                yield f"redeploy {again.revision} over {other.revision} of somebody else ({status}, {age:.1f} s old)"


def status_at(revision, history, at):
    """The status at a moment, and since when."""
    known = [e for e in history if e.revision == revision and e.kind in ("made", "status") and e.at <= at]
    return (known[-1].status, known[-1].at) if known else (None, at)


def judged_success(run, history):
    if run.exit != 0 or run.kind != "deploy":
        return
    live = [e for e in history if e.kind == "live" and e.at <= run.end]
    commits = {e.revision: e.commit for e in history if e.kind == "made"}
    for position, entry in enumerate(live):
        until = live[position + 1].at if position + 1 < len(live) else run.end
        if commits.get(entry.revision) == run.commit and until >= run.end - SECONDS_FROM_READ_TO_EXIT:
            return
    yield f"exit 0, but live was {live[-1].revision if live else 'nothing'}"


class Secrets:
    """Finds secrets in files, in the spellings that programs use."""

    def __init__(self, secrets):
        self.needles = {}
        for name, secret in secrets.items():
            data = secret.encode()
            spellings = [data, json.dumps(secret)[1:-1].encode(), urllib.parse.quote(secret, safe="").encode()]
            for shift in range(3):
                text = base64.b64encode(b"x" * shift + data)
                spellings.append(text[(0, 2, 3)[shift]:len(text) // 4 * 4 - 4])
            self.needles[name] = [spelling for spelling in spellings if len(spelling) >= 8]

    def found(self, folder):
        for place, _, files in os.walk(folder):
            for file in files:
                yield from self.found_in(os.path.join(place, file))

    def found_in(self, path):
        try:
            with open(path, "rb") as file:
                text = file.read()
        except OSError:
            return
        for name, needles in self.needles.items():
            if any(needle in text for needle in needles):
                yield f"{name} is in {path}"


def read_json(path):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def working_in(folder):
    """Processes whose working folder is in a folder."""
    found = []
    for pid in pids():
        try:
            if os.readlink(f"/proc/{pid}/cwd").startswith(folder):
                found.append(pid)
        except OSError:
            continue
    return found


def left_behind(mark):
    """Processes with the mark of a run in their environment, which a moment after its end must be gone."""
    deadline = time.monotonic() + 20
    while found := [pid for pid in pids() if f"CHAOS_RUN={mark}".encode() in environment_of(pid)]:
        if time.monotonic() > deadline:
            return found
        time.sleep(0.05)
    return []


def environment_of(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def self_test(folder):
    """Shows that every promise can be broken: each history below must be judged so."""
    def made(at, revision, commit, artifact=None, sent=None):
        return Entry(at, "made", "D", revision, "QUEUED", artifact or revision, commit, sent)

    def status(at, revision, status):
        return Entry(at, "status", "D", revision, status)

    def live(at, revision):
        return Entry(at, "live", "D", revision)

    good = [Entry(0, "named", "D", None, "d"), made(1, "r1", "old"), status(2, "r1", "DEPLOYED"), live(2, "r1")]
    ours = good + [made(11, "r2", "c")]
    failed = ours + [status(12, "r2", "BUILD_FAILED")]
    cases = [
        ("nothing broken", dict(exit=0), ours + [status(12, "r2", "DEPLOYED"), live(12, "r2")], None),
        ("rolled back", dict(exit=1), failed + [made(13, "r3", "old", "r1")], None),
        ("overtaken by a failure", dict(exit=1),
         failed + [made(12, "x", "t"), status(14, "x", "BUILD_FAILED"), made(18, "r3", "old", "r1")], None),
        ("two revisions", dict(exit=1), ours + [made(12, "r3", "c")], "2 revisions"),
        ("two redeploys", dict(exit=1),
         failed + [made(13, "r3", "old", "r1"), made(14, "r4", "old", "r1")], "2 redeploys"),
        ("redeploy over something newer", dict(exit=1),
         failed + [made(13, "x", "t"), status(14, "x", "DEPLOYED"), made(18, "r3", "old", "r1")], "of somebody else"),
        ("redeploy that was sent before", dict(exit=1),
         failed + [made(13, "x", "t"), status(14, "x", "DEPLOYED"), made(18, "r3", "old", "r1", 14)], None),
        ("redeploy over something in progress", dict(exit=1),
         failed + [made(13, "x", "t"), made(18, "r3", "old", "r1")], "of somebody else"),
        ("rollback by hand over something in progress", dict(exit=0, kind="rollback"),
         good + [made(5, "x", "t"), made(18, "r3", "old", "r1")], "of somebody else"),
        ("redeploy without a revision", dict(exit=1), good + [made(13, "r3", "old", "r1")], "made no revision"),
        ("success without being live", dict(exit=0), ours, "but live was r1"),
        ("success, overtaken long ago", dict(exit=0, end=40),
         ours + [live(12, "r2"), made(13, "x", "t"), live(14, "x")], "but live was x"),
        ("another code in the report", dict(exit=1, report={"exit_code": 0}), failed, "but the report says"),
        ("no report", dict(exit=1, report=None), failed, "no report"),
        ("a trap", dict(exit=-4), ours, "crashed"),
        ("a hang", dict(exit=None), ours, "did not end"),
    ]
    for name, values, history, expected in cases:
        values = {"kind": "deploy", "end": 20, "report": {"exit_code": values["exit"]}, **values}
        run = Run(number=0, deployment="d", commit="c", start=10, **values)
        found = list(judge(run, history, {"c"}))
        if (expected is None) != (not found) or (expected and not any(expected in text for text in found)):
            raise SystemExit(f"the judge is wrong about '{name}': {found}")
    again = [made(1, "r1", "old"), made(5, "r3", "old")]
    add_times_of_requests(again, [(4, "POST", "/v2/deployments/D/revisions/r1/redeploy")])
    if again[1].artifact != "r1" or again[1].sent != 4:
        raise SystemExit(f"the judge overlooks a redeploy that was built again: {again}")
    secret = 'x\'y"ü/12345+67'
    finder = Secrets({"secret": secret})
    for number, text in enumerate([
            secret, json.dumps(secret), urllib.parse.quote(secret, safe=""),
            *(base64.b64encode(("x" * n + secret).encode()).decode() for n in range(3))]):
        path = os.path.join(folder, f"leak-{number}")
        with open(path, "w") as file:
            file.write(f"before {text} after")
        if not list(finder.found_in(path)):
            raise SystemExit(f"the judge overlooks {text}")
    return len(cases) + number + 1
