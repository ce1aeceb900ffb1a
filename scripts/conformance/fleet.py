"""A control plane with many deployments, in memory: what a check of lists needs, without an agent for each."""

import datetime
import http.server
import json
import sys
import threading
import time
import urllib.parse
import uuid

KEY = "fleet-key"


class Fleet:
    """Listens on loopback while a `with` block lasts."""

    def __init__(self, now=None):
        self.lock = threading.RLock()
        self.now = now or datetime.datetime.now(datetime.timezone.utc)
        self.deployments = {}
        self.revisions = {}
        # How long a new revision stays in each status, in seconds.
        self.rollout = [("QUEUED", 0.5), ("BUILDING", 1.5), ("DEPLOYING", 1.0)]
        self.key = KEY
        # What a revision of a branch is built from, the names of deployments whose builds fail, and who was changed.
        self.commits = {}
        self.failing = set()
        self.changes = []

    def __enter__(self):
        fleet = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One packet for each response: with two, the second waits for the receipt of the first.
            wbufsize = -1

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.answer("GET")

            def do_POST(self):
                self.answer("POST")

            def answer(self, method):
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("X-Api-Key") != fleet.key:
                    status, body = 403, {"detail": "Forbidden"}
                else:
                    status, body = fleet.respond(method, self.path, json.loads(sent) if sent else {})
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, request, address):
                # A client that was killed.
                if not isinstance(sys.exc_info()[1], ConnectionError):
                    super().handle_error(request, address)

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()

    def add(self, name, commits, status="DEPLOYED", kind="prod", hours=48):
        """A deployment whose revisions were built from the commits, oldest first; `status` is that of the last one."""
        identifier = str(uuid.uuid4())
        start = self.now - datetime.timedelta(hours=hours)
        step = datetime.timedelta(hours=hours / (len(commits) + 1))
        made = [self.revision(commit, "DEPLOYED", start + step * (index + 1)) for index, commit in enumerate(commits)]
        made[-1]["status"] = status
        self.revisions[identifier] = made[::-1]
        live = [revision for revision in made if revision["status"] == "DEPLOYED"]
        self.deployments[identifier] = {
            "id": identifier, "name": name, "source": "github", "status": "READY", "secrets": [],
            "tenant_id": str(uuid.UUID(int=1)), "created_at": text(start), "updated_at": made[-1]["updated_at"],
            "latest_revision_id": made[-1]["id"], "active_revision_id": live[-1]["id"] if live else None,
            "url": f"https://{name}.example.com",
            "source_config": {"deployment_type": kind, "repo_url": "https://github.com/acme/agents",
                              "integration_id": str(uuid.UUID(int=2)), "build_on_push": False},
            "source_revision_config": made[-1]["source_revision_config"]}
        return identifier

    def revision(self, commit, status, moment):
        return {"id": str(uuid.uuid4()), "status": status, "source": "github", "created_at": text(moment),
                "updated_at": text(moment + datetime.timedelta(minutes=4)),
                "source_revision_config": {"repo_ref": "main", "repo_commit_sha": commit,
                                           "langgraph_config_path": "langgraph.json"}}

    def named(self, name):
        return next(deployment for deployment in self.deployments.values() if deployment["name"] == name)

    def live_commit(self, name):
        deployment = self.named(name)
        live = next(revision for revision in self.revisions[deployment["id"]]
                    if revision["id"] == deployment["active_revision_id"])
        return live["source_revision_config"]["repo_commit_sha"]

    def respond(self, method, path, body):
        url = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip("/").split("/")
        with self.lock:
            if parts[:2] != ["v2", "deployments"]:
                return 404, {"detail": "Not Found"}
            if len(parts) == 2:
                found = list(self.deployments.values())
                if "name" in query:
                    found = [one for one in found if one["name"] == query["name"]]
                if "deployment_ids" in query:
                    wanted = [text for name, text in urllib.parse.parse_qsl(url.query) if name == "deployment_ids"]
                    found = [one for one in found if one["id"] in wanted]
                if "name_contains" in query:
                    found = [one for one in found if query["name_contains"] in one["name"]]
                return 200, page(found, query)
            deployment = self.deployments.get(parts[2])
            if deployment is None:
                return 404, {"detail": f"Deployment ID {parts[2]} not found."}
            revisions = self.revisions[parts[2]]
            if len(parts) == 3:
                return 200, deployment
            if parts[3:] == ["revisions"] and method == "POST":
                config = deployment["source_revision_config"] | (body.get("source_revision_config") or {})
                self.create(deployment, config["repo_ref"], self.commits[config["repo_ref"]])
                return 201, revisions[0]
            if parts[3:] == ["revisions"]:
                return 200, page(revisions, query)
            revision = next((one for one in revisions if len(parts) > 4 and one["id"] == parts[4]), None)
            if revision is None:
                return 404, {"detail": "Not Found"}
            if len(parts) == 5:
                return 200, revision
            if parts[5] == "logs":
                return 200, log(revision, query)
            if parts[5] == "redeploy" and method == "POST":
                return 201, self.redeploy(deployment, revision)
            return 404, {"detail": "Not Found"}

    def redeploy(self, deployment, revision):
        config = revision["source_revision_config"]
        return self.create(deployment, config["repo_ref"], config["repo_commit_sha"])

    def create(self, deployment, ref, commit):
        now = datetime.datetime.now(datetime.timezone.utc)
        new = self.revision(commit, "QUEUED", now)
        new["updated_at"] = text(now)
        new["source_revision_config"]["repo_ref"] = ref
        self.changes.append(deployment["name"])
        self.revisions[deployment["id"]].insert(0, new)
        deployment["latest_revision_id"] = new["id"]
        deployment["source_revision_config"] = new["source_revision_config"]
        threading.Thread(target=self.roll_out, args=(deployment, new), daemon=True).start()
        return deployment

    def roll_out(self, deployment, revision):
        for status, seconds in self.rollout:
            with self.lock:
                revision["status"] = status
            time.sleep(seconds)
        with self.lock:
            commit = revision["source_revision_config"]["repo_commit_sha"]
            fails = deployment["name"] in self.failing and commit in self.commits.values()
            revision["status"] = "BUILD_FAILED" if fails else "DEPLOYED"
            revision["updated_at"] = text(datetime.datetime.now(datetime.timezone.utc))
            if fails:
                return
            deployment["active_revision_id"] = revision["id"]


def text(moment):
    return moment.isoformat().replace("+00:00", "Z")


def page(resources, query):
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 20))
    chosen = resources[offset:offset + limit]
    return {"resources": chosen, "offset": offset + len(chosen)}


def log(revision, query):
    if int(query.get("offset", 0)) > 0:
        return {"logs": [], "next_offset": None}
    # What a build may print: markup, a terminal sequence, a long line.
    lines = ["cloning https://github.com/acme/agents", "Step 1/9 : FROM langchain/langgraph-api:3.11",
             "<script>alert('from the log')</script> \u001b[31mred\u001b[0m", "Successfully installed agents-1.0 " + "x" * 160,
             "pushed image"]
    entries = [{"id": str(number), "timestamp": revision["created_at"], "level": "INFO", "message": line}
               for number, line in enumerate(lines)]
    if query.get("order") == "desc":
        entries.reverse()
    return {"logs": entries, "next_offset": None}
