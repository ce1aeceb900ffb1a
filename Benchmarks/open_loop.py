"""Sends requests to an agent on a schedule, whether or not those before were answered, and counts the lost ones.

Usage: Benchmarks/open_loop.py URL REQUESTS_A_SECOND METHOD PATH [BODY]

Ends when stdin does, and then prints one line of JSON. Half of the requests go on connections that are kept open, half
on new ones. A request is lost when it has no whole answer of status 200.
"""

import asyncio
import collections
import json
import statistics
import sys
import time
import urllib.parse

KEPT_OPEN = 10
LONGEST_ANSWER = 15  # seconds


class Load:
    def __init__(self, url, rate, method, path, body):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.rate = parts.hostname, parts.port, rate
        self.request = (f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
        self.idle = collections.deque()
        self.tasks = set()
        self.answers, self.late, self.lost = [], [], []

    async def run(self, stopped):
        for _ in range(KEPT_OPEN):
            self.idle.append(await self.connect())
        begin = time.perf_counter()
        number = 0
        while not stopped.is_set():
            due = begin + number / self.rate
            await asyncio.sleep(max(0, due - time.perf_counter()))
            self.late.append(time.perf_counter() - due)
            task = asyncio.create_task(self.send(due, keep=number % 2 == 0))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
            number += 1
        spent = time.perf_counter() - begin
        await asyncio.gather(*self.tasks)
        return {
            "sent": number, "rate": number / spent, "lost": self.lost, "late_ms": 1000 * max(self.late),
            "p50_ms": 1000 * statistics.median(self.answers), "longest_ms": 1000 * max(self.answers)}

    async def connect(self):
        return await asyncio.open_connection(self.host, self.port)

    async def send(self, due, keep):
        try:
            await asyncio.wait_for(self.exchange(keep), LONGEST_ANSWER)
            # From the time it was due: a wait that held up later requests would else not be seen in them.
            self.answers.append(time.perf_counter() - due)
        except Exception as error:
            self.lost.append(repr(error))

    async def exchange(self, keep):
        reader, writer = self.idle.popleft() if keep and self.idle else await self.connect()
        try:
            writer.write(self.request)
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await self.body(reader, head)
            if head.split()[1] != "200":
                raise ValueError(head.splitlines()[0])
        except BaseException:
            writer.close()
            raise
        if keep and "connection: close" not in head:
            self.idle.append((reader, writer))
        else:
            writer.close()

    async def body(self, reader, head):
        """Reads it to its end, and raises when it has none."""
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if "content-length" in fields:
            return await reader.readexactly(int(fields["content-length"]))
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")


async def main(url, rate, method, path, body=""):
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stopped.set)
    print(json.dumps(await Load(url, float(rate), method, path, body).run(stopped)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
