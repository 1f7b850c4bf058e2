"""A whole call from Python against the standard library posting as many bytes to the same sandbox,
in the same run: blocking in the main thread and in another, from 16 threads, and awaited.

The sandbox is a process of its own, so that its work does not count. All take turns, so that what
disturbs one disturbs the others. Figures are CPU and wall time per call, and their ratio to the
first.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import idcard_verification as idcard

ROUNDS = 15
CALLS = 400
THREADS = 16
IN_FLIGHT = 64


def start() -> tuple[subprocess.Popen[str], str]:
    """A sandbox without a rate limit, and where it listens."""
    command = Path(sys.executable).with_name("idcard-verify")
    arguments = [str(command), "sandbox", "--json", "--rate", "0"]
    server = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, json.loads(server.stdout.readline())["url"]


def compare(url: str) -> None:
    with urlopen(f"{url}/sandbox/identities") as answer:
        found = next(i for i in json.load(answer) if i["key"] == "result:0")
    person = (found["id_number"], found["name"])
    keys = idcard.Credentials("AKIDSANDBOX", "sandbox-secret-key")
    site, quota = idcard.Site.INTERNATIONAL, 1_000_000
    client = idcard.Client(site, keys, endpoint=url, requests_per_second=quota)
    many = idcard.Client(site, keys, endpoint=url, requests_per_second=quota, single_flight=False)
    awaited = idcard.AsyncClient(
        site, keys, endpoint=url, requests_per_second=quota, single_flight=False
    )
    bare = http.client.HTTPConnection(urlsplit(url).netloc)
    body = json.dumps({"IdCard": person[0], "Name": person[1]})
    headers = {"Content-Type": "application/json; charset=utf-8"}

    def standard_library() -> None:
        for _ in range(CALLS):
            bare.request("POST", "/", body, headers)
            bare.getresponse().read()

    def blocking() -> None:
        for _ in range(CALLS):
            client.verify(*person)

    def threads(count: int) -> Callable[[], None]:
        def work() -> None:
            for _ in range(CALLS // count):
                many.verify(*person)

        def run() -> None:
            workers = [threading.Thread(target=work) for _ in range(count)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

        return run

    async def lines(count: int) -> None:
        async def line() -> None:
            for _ in range(CALLS // count):
                await awaited.verify(*person)

        await asyncio.gather(*(line() for _ in range(count)))

    ways: dict[str, Callable[[], None]] = {
        "standard library": standard_library,
        "blocking, main thread": blocking,
        "blocking, another thread": threads(1),
        f"blocking, {THREADS} threads": threads(THREADS),
        "awaited": lambda: asyncio.run(lines(1)),
        f"awaited, {IN_FLIGHT} at a time": lambda: asyncio.run(lines(IN_FLIGHT)),
    }
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 1):
        for name, way in ways.items():
            cpu, wall = time.process_time(), time.perf_counter()
            way()
            # The first round warms up.
            if turn:
                figures[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    base: list[float] = []
    for name, measured in figures.items():
        medians = [
            statistics.median(values) * 1e6 / CALLS for values in zip(*measured, strict=True)
        ]
        base = base or medians
        cpu, wall = medians
        print(
            f"{name:<26} {cpu:7.1f} us CPU ({cpu / base[0]:.3f}), "
            f"{wall:7.1f} us ({wall / base[1]:.3f})"
        )


def main() -> None:
    """Start a sandbox, compare, stop it."""
    server, url = start()
    try:
        compare(url)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
