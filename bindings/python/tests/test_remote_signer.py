"""The examples of a backend that signs and a device that has no key, as two processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.request import Request, urlopen

import pytest

from idcard_verification.testing import SECRET_ID, SECRET_KEY, Sandbox

EXAMPLES = Path(__file__).parents[1] / "examples"
# The device looks through its own memory for the key, which it is told shifted by one character so
# that asking does not put it there.
SCAN = """
import runpy, sys
shifted = sys.argv.pop().encode()
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
found = 0
for line in open("/proc/self/maps"):
    place, rights, *rest = line.split()
    path = rest[3] if len(rest) > 3 else ""
    # The library's file has the sandbox's key in it, as a constant.
    if "r" not in rights or path.startswith(("[v", "/")):
        continue
    start, end = (int(part, 16) for part in place.split("-"))
    with open("/proc/self/mem", "rb", 0) as memory:
        memory.seek(start)
        try:
            held = bytearray(memory.read(end - start))
        except OSError:
            continue
    found += bytes((byte + 1) % 256 for byte in held).count(shifted)
print("found", found)
"""


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    keys = {"TENCENTCLOUD_SECRET_ID": SECRET_ID, "TENCENTCLOUD_SECRET_KEY": SECRET_KEY}
    process = subprocess.Popen(
        [sys.executable, EXAMPLES / "signing_backend.py", "0"],
        env={**os.environ, **keys, "APP_TOKEN": "a session"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait()


class Recorder(BaseHTTPRequestHandler):
    """Passes everything on to the backend, and keeps it."""

    received: ClassVar[list[bytes]] = []
    backend = ""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Recorder.received.append(str(self.headers).encode() + body)
        headers = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
        with urlopen(Request(Recorder.backend, body, headers)) as answer:
            reply = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_device_has_no_key_and_the_backend_sees_nobody(sandbox: Sandbox, backend: str) -> None:
    Recorder.backend = backend
    recorder = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=recorder.serve_forever, daemon=True).start()
    number, name = sandbox.person("result:0")
    shifted = "".join(chr(ord(character) + 1) for character in SECRET_KEY)
    url = f"http://127.0.0.1:{recorder.server_port}"
    device = subprocess.run(
        [
            sys.executable,
            "-c",
            SCAN,
            EXAMPLES / "device.py",
            url,
            number,
            name,
            sandbox.url,
            shifted,
        ],
        env={**os.environ, "APP_TOKEN": "a session"},
        capture_output=True,
        text=True,
    )
    recorder.shutdown()
    assert device.stdout.split() == ["MATCH", "CHARGED", "found", "0"], device.stderr
    assert len(Recorder.received) == 1
    for canary in (number, name, name.encode("unicode_escape").decode()):
        assert canary.encode() not in Recorder.received[0]


def test_the_backend_signs_for_its_own_users_only(sandbox: Sandbox, backend: str) -> None:
    number, name = sandbox.person("result:0")
    device = subprocess.run(
        [sys.executable, EXAMPLES / "device.py", backend, number, name, sandbox.url],
        env={**os.environ, "APP_TOKEN": "somebody else"},
        capture_output=True,
        text=True,
    )
    assert device.returncode != 0
    assert re.search("remote signer: the backend: HTTPError", device.stderr)
