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
import threading
import time
import urllib.parse

os.environ["SLIPWAY_BIN"] = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "scripts", "conformance"))
from plane import KEY, Plane, Repository, example, expect  # noqa: E402

DEPLOYMENTS = 1000


def show(what, value, goal):
    print(f"{what:58} {value:>14}   goal {goal}")


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
    with Plane() as plane:
        creating = Connection(plane.url)
        ids = [create_record(creating, number) for number in range(DEPLOYMENTS)]
        show("memory of the plane with 1,000 deployments on record", f"{resident(plane.process.pid):.0f} MB", "< 60 MB")
        plane.stop()
        plane.start()
        connection = Connection(plane.url)
        first = list_time(connection)
        times = [list_time(connection) for _ in range(41)]
        show("list of 1,000 (ten pages, read and parsed)", milliseconds(times), "< 20 ms")
        show("  of which this program's own parsing", milliseconds(parse_times(connection)), "-")
        show("  the first after a start", milliseconds([first]), "-")
        show("  with name_contains", milliseconds([list_time(connection, "&name_contains=d-") for _ in range(41)]), "-")
        show("  with a change before each", milliseconds([changed_list_time(connection, ids[n]) for n in range(41)]), "-")
        show("one page of 100, read", milliseconds([page_time(connection) for _ in range(201)]), "-")
        show("memory of the plane after these lists", f"{resident(plane.process.pid):.0f} MB", "< 60 MB")


def create_record(connection, number):
    status, answer = connection.get("/v2/deployments", "POST", json.dumps({
        "name": f"d-{number}", "source": "internal_source", "source_config": {"deployment_type": "dev"},
        "source_revision_config": {}, "secrets": [{"name": "A", "value": "b"}]}))
    expect(status == 201, f"create answered {status}")
    return json.loads(answer)["id"]


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
    with Repository(example("agent")) as repository, Plane(repositories=[repository.path]) as plane:
        deployment = plane.create("switch", repository.path)
        plane.wait(deployment["id"], deployment["latest_revision_id"])
        front = plane.call("GET", f"/v2/deployments/{deployment['id']}")[1]["url"]
        failures, counts, done = [], [], threading.Event()
        clients = [threading.Thread(target=load, args=(front, done, failures, counts)) for _ in range(10)]
        begin = time.perf_counter()
        for client in clients:
            client.start()
        switches = 5
        for _ in range(switches):
            revision_time(plane, repository, deployment["id"])
        done.set()
        for client in clients:
            client.join()
        rate = len(counts) / (time.perf_counter() - begin)
        show(f"requests lost in {switches} switches at {rate:.0f} a second", str(len(failures)), "0")
        expect(not failures, f"the first: {failures[:1]}")


def load(front, done, failures, counts):
    """Ten times a second, half of it on a connection that is kept open."""
    connection = Connection(front)
    number = 0
    while not done.is_set():
        number += 1
        try:
            client = connection if number % 2 else Connection(front)
            status, _ = client.get("/runs/wait", "POST", json.dumps({"input": {"text": "hello"}}))
            if status != 200:
                failures.append(status)
        except (OSError, http.client.HTTPException) as error:
            failures.append(repr(error))
            connection = Connection(front)
        counts.append(1)
        done.wait(0.1)


if __name__ == "__main__":
    parts = sys.argv[2:] or ["records", "deploy", "graph", "proxy", "switch"]
    for part in parts:
        {"records": records, "deploy": deploy, "graph": graph, "proxy": proxy, "switch": switch}[part]()
