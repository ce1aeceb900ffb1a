"""A small agent: Python's standard library only, one kind of run, ready in a tenth of a second."""

import argparse
import json
import os
import platform
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONGEST_BODY = 1024 * 1024


def run(request):
    """The agent's work: takes {"input": {"text": …}} and returns what it has to say to that."""
    if not isinstance(request, dict) or not isinstance(request.get("input"), dict):
        raise ValueError('"input" must be an object')
    text = request["input"].get("text")
    if not isinstance(text, str):
        raise ValueError('"input.text" must be a string')
    return {"output": {"text": f"You said: {text}"}, "revision_id": revision_id()}


def revision_id():
    return os.environ.get("REVISION_ID", "unknown")


def info():
    facts = {"revision_id": revision_id(), "python": platform.python_version()}
    if commit := os.environ.get("COMMIT_SHA"):
        facts["commit"] = commit
    return facts


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # An idle connection does not hold up the end of the process for longer.

    def do_GET(self):
        if self.path == "/ok":
            self.answer(200, {"ok": True})
        elif self.path == "/info":
            self.answer(200, info())
        else:
            self.answer(404, {"detail": f"no such path: {self.path}"})

    def do_POST(self):
        if self.path != "/runs/wait":
            self.close_connection = True  # The body has not been read.
            return self.answer(404, {"detail": f"no such path: {self.path}"})
        try:
            self.answer(200, run(self.body()))
        except ValueError as error:
            self.answer(422, {"detail": str(error)})

    def body(self):
        length = int(self.headers.get("Content-Length", 0))
        if not 0 <= length <= LONGEST_BODY:
            self.close_connection = True
            raise ValueError("the body is too long")
        return json.loads(self.rfile.read(length))

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        # Health is asked for all the time: only what is wrong with it is worth a line.
        if self.path != "/ok" or code != 200:
            super().log_request(code, size)

    def log_message(self, format, *arguments):
        print(f"{self.command} {self.path} {arguments[1] if len(arguments) > 1 else ''}", flush=True)


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # With the default, 5, a few requests at once are a second late.
    daemon_threads = False  # server_close() waits for the runs that are under way.


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    server = Server(("127.0.0.1", parser.parse_args().port), Handler)
    # shutdown() waits for serve_forever(), which a signal handler interrupts: so it needs a thread.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"revision {revision_id()} listens on port {server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
