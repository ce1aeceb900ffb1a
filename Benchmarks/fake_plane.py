"""A control plane that answers DEPLOYED at once, for measuring clients: as little of its own time as Python allows."""

import asyncio
import json
import sys
import uuid

SHA = sys.argv[1]
deployments = {}
NOW = "2026-01-01T00:00:00.000000Z"


def revision(source, config):
    sent = dict(config or {})
    sent["repo_commit_sha"] = SHA if source == "github" else None
    return {"id": str(uuid.uuid4()), "status": "DEPLOYED", "source": source, "created_at": NOW, "updated_at": NOW,
            "source_revision_config": sent}


def add(deployment, config):
    made = revision(deployment["source"], config)
    deployment["revisions"].insert(0, made)
    deployment["latest_revision_id"] = deployment["active_revision_id"] = made["id"]
    return made


def shown(deployment):
    return {key: value for key, value in deployment.items() if key != "revisions"}


def create(body):
    deployment = {"id": str(uuid.uuid4()), "name": body["name"], "source": body["source"], "status": "READY",
                  "source_config": body.get("source_config") or {}, "source_revision_config": {}, "secrets": [],
                  "tenant_id": str(uuid.UUID(int=1)), "created_at": NOW, "updated_at": NOW,
                  "latest_revision_id": None, "active_revision_id": None, "revisions": []}
    deployments[deployment["id"]] = deployment
    if body["source"] == "github":
        add(deployment, body.get("source_revision_config"))
    return 201, shown(deployment)


def answer(method, path, body, host):
    path, _, query = path.partition("?")
    parts = path.strip("/").split("/")
    if path == "/v2/deployments":
        if method == "POST":
            return create(body)
        name = dict(pair.partition("=")[::2] for pair in query.split("&")).get("name")
        found = [shown(d) for d in deployments.values() if name in (None, d["name"])]
        return 200, {"resources": found, "offset": len(found)}
    if path == "/v1/integrations/github/install":
        return 200, []
    if parts[:2] != ["v2", "deployments"]:
        return 200, {}
    deployment = deployments.get(parts[2])
    if deployment is None:
        return 404, {"detail": f"Deployment ID {parts[2]} not found."}
    if len(parts) == 3:
        if method == "PATCH":
            add(deployment, body.get("source_revision_config"))
        return 200, shown(deployment)
    if parts[3] == "upload-url":
        return 200, {"upload_url": f"http://{host}/upload/{uuid.uuid4()}", "object_path": str(uuid.uuid4())}
    if len(parts) == 4:
        if method == "POST":
            return 201, add(deployment, body.get("source_revision_config"))
        return 200, {"resources": deployment["revisions"][:20], "offset": len(deployment["revisions"])}
    found = [r for r in deployment["revisions"] if r["id"] == parts[4]]
    return (200, found[0]) if found else (404, {"detail": "Revision not found."})


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                return
            body, self.buffer = rest[:length], rest[length:]
            method, path, _ = lines[0].split(" ")
            is_json = headers.get("content-type", "").startswith("application/json")
            status, value = answer(method, path, json.loads(body) if body and is_json else {}, headers.get("host"))
            payload = json.dumps(value).encode()
            self.transport.write(
                b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(payload))
                + payload)


async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
