"""What `benchmarks client` does, with httpx: requests in flight, requests/s, CPU us/request, peak RSS in MB."""

import asyncio
import resource
import sys
import time

import httpx


async def main(url: str, requests: int, in_flight: int) -> None:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx.AsyncClient(limits=limits, timeout=120) as client:

        async def get(times: int) -> None:
            for _ in range(times):
                response = await client.get(url)
                assert response.status_code == 200 and response.content

        await get(1)
        start, cpu = time.perf_counter(), time.process_time()
        shares = [requests // in_flight + (worker < requests % in_flight) for worker in range(in_flight)]
        await asyncio.gather(*(get(share) for share in shares))
        elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(in_flight, round(requests / elapsed), round(cpu / requests * 1e6, 1), round(peak, 1))


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
