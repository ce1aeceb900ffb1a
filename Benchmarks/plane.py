"""How fast and how small the local control plane is. Usage: Benchmarks/plane.py FOLDER_OF_THE_BINARIES [PART…]

Parts: records, deploy, graph, proxy, switch; all when none is named. Prints the goal beside each figure.
"""

import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse

os.environ["SLIPWAY_BIN"] = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "scripts", "conformance"))
from plane import KEY, Plane, Repository, example, expect  # noqa: E402

DEPLOYMENTS = 1000
SWITCHES = 10
REQUESTS_A_SECOND = 120


def show(what, value, goal):
    print(f"{what:62} {value:>14}   goal {goal}")


class Connection:
    """One connection that is kept open."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def get(self, path, method="GET", body=None):
        headers = {"X-Api-Key": KEY, "Content-Type": "application/json"}
        self.http.request(method, path, body=body, headers=headers)
        answer = self.http.getresponse()
        return answer.status, answer.read()


def records():
    measure_records("small", {"deployment_type": "dev"}, secrets=1)
    spec = {"cpu": 2, "memory_mb": 2048, "min_scale": 1, "max_scale": 10}
    measure_records("large", {"deployment_type": "dev", "install_command": "make", "resource_spec": spec}, secrets=6)


def measure_records(size, config, secrets):
    with Plane() as plane:
        connection = Connection(plane.url)
        ids = [create_record(connection, number, config, secrets) for number in range(DEPLOYMENTS)]
        # Started again, so that the first list finds nothing prepared.
        plane.stop()
        plane.start()
        connection = Connection(plane.url)
        first = list_time(connection)
        show(f"list of 1,000 {size} deployments (ten pages, read and parsed)", list_times(connection), "< 20 ms")
        show("  of which this program's own parsing", milliseconds(parse_times(connection)), "-")
        show("  the first after a start", milliseconds([first]), "-")
        show("  with name_contains", list_times(connection, "&name_contains=d-"), "-")
        show("  with a change before each", milliseconds([changed_list_time(connection, ids[n]) for n in range(41)]), "-")
        show("  one page of 100, read", milliseconds([page_time(connection) for _ in range(201)]), "-")
        show("  memory of the plane", f"{resident(plane.process.pid):.0f} MB", "< 60 MB")


def create_record(connection, number, config, secrets):
    status, answer = connection.get("/v2/deployments", "POST", json.dumps({
        "name": f"d-{number}", "source": "internal_source", "source_config": config, "source_revision_config": {},
        "secrets": [{"name": f"SECRET_{secret}", "value": "b"} for secret in range(secrets)]}))
    expect(status == 201, f"create answered {status}")
    return json.loads(answer)["id"]


def list_times(connection, query=""):
    return milliseconds([list_time(connection, query) for _ in range(41)])


def milliseconds(times):
    return f"{statistics.median(times) * 1000:.1f} ms"


def pages(connection, query=""):
    for offset in range(0, DEPLOYMENTS, 100):
        yield connection.get(f"/v2/deployments?limit=100&offset={offset}{query}")[1]


def list_time(connection, query=""):
    begin = time.perf_counter()
    found = sum(len(json.loads(page)["resources"]) for page in pages(connection, query))
    end = time.perf_counter()
    expect(found == DEPLOYMENTS, f"{found} deployments were listed")
    return end - begin


def changed_list_time(connection, deployment):
    status, _ = connection.get(f"/v2/deployments/{deployment}", "PATCH", json.dumps({"display_name": str(time.time())}))
    expect(status == 200, f"patch answered {status}")
    return list_time(connection)


def page_time(connection):
    begin = time.perf_counter()
    connection.get("/v2/deployments?limit=100")
    return time.perf_counter() - begin


def parse_times(connection):
    texts = list(pages(connection))
    for _ in range(11):
        begin = time.perf_counter()
        for text in texts:
            json.loads(text)
        yield time.perf_counter() - begin


def resident(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def deploy():
    with Repository(example("agent")) as repository, Plane(repositories=[repository.path]) as plane:
        own = [own_time(repository.path) for _ in range(5)]
        deployment = plane.create("bench", repository.path)
        plane.wait(deployment["id"], deployment["latest_revision_id"])
        times = [revision_time(plane, repository, deployment["id"]) for _ in range(7)]
        ratio = statistics.median(times) / statistics.median(own)
        show("commit to DEPLOYED, example agent", f"{statistics.median(times):.2f} s", "-")
        show("  its own commands by themselves", f"{statistics.median(own):.2f} s", "-")
        show("  ratio", f"{ratio:.2f}", "<= 1.1")


def own_time(folder):
    """The build, the start until it is healthy, its identity and its smoke request, with nothing around them."""
    with open(os.path.join(folder, "langgraph.json")) as file:
        command = json.load(file)["command"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begin = time.perf_counter()
    subprocess.run(command["build"], cwd=folder, check=True, capture_output=True)
    agent = subprocess.Popen(
        [word.replace("{port}", str(port)) for word in command["start"]], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        while True:
            connection = Connection(f"http://127.0.0.1:{port}")
            try:
                connection.get("/ok")
                break
            except OSError:
                time.sleep(0.002)
        connection.get("/info")
        connection.get("/runs/wait", "POST", json.dumps(command["smoke"]["body"]))
        return time.perf_counter() - begin
    finally:
        agent.terminate()
        agent.wait()


def revision_time(plane, repository, deployment):
    connection = Connection(plane.url)
    repository.commit("again")
    begin = time.perf_counter()
    _, answer = connection.get(f"/v2/deployments/{deployment}/revisions", "POST",
                               json.dumps({"source_revision_config": {"repo_ref": "main"}}))
    revision = json.loads(answer)["id"]
    while True:
        status = json.loads(connection.get(f"/v2/deployments/{deployment}/revisions/{revision}")[1])["status"]
        if status == "DEPLOYED":
            return time.perf_counter() - begin
        expect("FAILED" not in status, f"the revision is {status}")
        time.sleep(0.005)


def graph():
    if not shutil.which("uv"):
        return print("LangGraph revision: SKIPPED, uv is not on PATH")
    with Repository(example("langgraph-agent")) as repository, Plane(repositories=[repository.path]) as plane:
        deployment = plane.create("graph", repository.path)
        expect(plane.wait(deployment["id"], deployment["latest_revision_id"]) == "DEPLOYED", "the graph is not live")
        times = [revision_time(plane, repository, deployment["id"]) for _ in range(5)]
        show("LangGraph revision, warm uv cache (median of 5)", f"{statistics.median(times):.2f} s", "<= 5 s")


# A server whose answers cost next to nothing, and which streams a line every 50 ms at /stream.
ECHO = '''
import asyncio, os
ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nContent-Type: text/plain\\r\\n\\r\\nok"
async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            if head.startswith(b"GET /stream"):
                writer.write(b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n")
                for _ in range(10):
                    writer.write(b"5\\r\\nline\\n\\r\\n")
                    await writer.drain()
                    await asyncio.sleep(0.05)
                writer.write(b"0\\r\\n\\r\\n")
            else:
                writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()
asyncio.run(main())
'''


def echo_repository(folder):
    with open(os.path.join(folder, "agent.py"), "w") as file:
        file.write(ECHO)
    with open(os.path.join(folder, "langgraph.json"), "w") as file:
        json.dump({"command": {"start": ["python3", "agent.py"]}}, file)


def agent_port(plane):
    """Of the only agent that runs, from the log of its start."""
    deployment = plane.call("GET", "/v2/deployments")[1]["resources"][0]
    log = plane.log(deployment["id"], deployment["active_revision_id"], "deploy")
    return int(log.split("port ")[1].split(")")[0])


def median_time(url, count=3000):
    connection = Connection(url)
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        expect(connection.get("/")[0] == 200, "the agent does not answer")
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def proxy():
    with Repository(example("agent")) as repository:
        echo_repository(repository.path)
        repository.commit("echo")
        with Plane(repositories=[repository.path]) as plane:
            deployment = plane.create("echo", repository.path)
            expect(plane.wait(deployment["id"], deployment["latest_revision_id"]) == "DEPLOYED", "echo is not live")
            front = plane.call("GET", f"/v2/deployments/{deployment['id']}")[1]["url"]
            direct = f"http://127.0.0.1:{agent_port(plane)}"
            added = min(median_time(front) - median_time(direct) for _ in range(3))
            show("the front proxy adds, at p50", f"{added * 1000:.2f} ms", "<= 1 ms")
            show("the first of ten lines of a stream of 500 ms after", f"{first_line(front) * 1000:.0f} ms", "< 50 ms")


def first_line(front):
    connection = Connection(front)
    begin = time.perf_counter()
    connection.http.request("GET", "/stream")
    answer = connection.http.getresponse()
    expect(answer.readline() == b"line\n", "the stream begins with something else")
    first = time.perf_counter() - begin
    answer.read()
    expect(time.perf_counter() - begin > 0.4, "the stream came in one piece")
    return first


def switch():
    with Repository(example("agent")) as repository:
        switch_under_load(repository, "POST", "/runs/wait", json.dumps({"input": {"text": "hello"}}))
    with Repository(example("agent")) as repository:
        echo_repository(repository.path)
        # Each answer takes half a second, so that every switch has fifty requests under way.
        switch_under_load(repository, "GET", "/stream")


def switch_under_load(repository, method, path, *body):
    repository.commit("first")
    with Plane(repositories=[repository.path]) as plane:
        deployment = plane.create("switch", repository.path)
        plane.wait(deployment["id"], deployment["latest_revision_id"])
        front = plane.call("GET", f"/v2/deployments/{deployment['id']}")[1]["url"]
        program = os.path.join(os.path.dirname(__file__), "open_loop.py")
        load = subprocess.Popen([sys.executable, program, front, str(REQUESTS_A_SECOND), method, path, *body],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            for _ in range(SWITCHES):
                revision_time(plane, repository, deployment["id"])
                time.sleep(0.5)  # The drain of the one before goes on meanwhile, and the load as well.
        finally:
            seen = json.loads(load.communicate()[0])
        show(f"{path}: lost in {SWITCHES} switches, of {seen['sent']} requests", str(len(seen["lost"])), "0")
        show("  sent a second, on schedule", f"{seen['rate']:.0f}", ">= 100")
        show("  sent later than due by, at most", f"{seen['late_ms']:.0f} ms", "-")
        show("  answered after, at p50", f"{seen['p50_ms']:.1f} ms", "-")
        show("  answered after, at most", f"{seen['longest_ms']:.0f} ms", "-")
        expect(not seen["lost"], f"the first: {seen['lost'][:1]}")


if __name__ == "__main__":
    parts = sys.argv[2:] or ["records", "deploy", "graph", "proxy", "switch"]
    for part in parts:
        {"records": records, "deploy": deploy, "graph": graph, "proxy": proxy, "switch": switch}[part]()
