"""The example of a backend that signs, attacked: people copy it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from idcard_verification.testing import SECRET_ID, SECRET_KEY

BACKEND = Path(__file__).parents[1] / "examples" / "signing_backend.py"
KEYS = {"TENCENTCLOUD_SECRET_ID": SECRET_ID, "TENCENTCLOUD_SECRET_KEY": SECRET_KEY}
TOKEN = {"Authorization": "Bearer a session", "Content-Type": "application/json"}
GOOD = {
    "host": "faceid.tencentcloudapi.com",
    "service": "faceid",
    "action": "IdCardVerification",
    "version": "2018-03-01",
    "timestamp": 0,
    "content_type": "application/json; charset=utf-8",
    "payload_sha256": "0" * 64,
}


@contextlib.contextmanager
def running(**environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, BACKEND, "0"],
        env={**os.environ, **KEYS, "APP_TOKEN": "a session", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield urlsplit(process.stdout.readline().strip()).netloc, process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(address, timeout=15)
    with contextlib.closing(connection):
        connection.putrequest("POST", "/")
        for name, value in headers.items():
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def sized(body: bytes, **headers: str) -> tuple[bytes, dict[str, str]]:
    return body, {**TOKEN, "Content-Length": str(len(body)), **headers}


def test_what_is_no_request_is_refused_quietly() -> None:
    good = json.dumps(GOOD).encode()
    with running(SIGNATURES_PER_MINUTE="1000") as (address, process):
        status, signed = post(address, *sized(good))
        assert status == 200
        assert abs(signed["timestamp"] - time.time()) < 5
        for length in ("-1", "x", "", "+4", "\xb2", "1e3"):
            assert post(address, b"", {**TOKEN, "Content-Length": length})[0] == 411, length
        assert post(address, b"", TOKEN)[0] == 411
        for length in ("4097", "9" * 30):
            assert post(address, b"", {**TOKEN, "Content-Length": length})[0] == 413
        for token in ("", "Bearer", "Bearer \xe9", "Bearer \xff\xfe", "a session"):
            assert post(address, *sized(good, Authorization=token))[0] == 401, token
        assert post(address, *sized(good, Authorization="Bearer another"))[0] == 401
        assert post(address, *sized(good, **{"Content-Type": "text/plain"}))[0] == 415
        wrong = [b"[" * 4000, b"NaN", b"[]", b"{}", b"\xff", b'{"host":{}}', b"1" * 3900]
        wrong += [json.dumps({**GOOD, **more}).encode() for more in ({"a": 1}, {"host": 1})]
        wrong += [
            json.dumps({**GOOD, "timestamp": time}).encode() for time in (-1, "x", 1.5, 2**80)
        ]
        for body in wrong:
            assert post(address, *sized(body))[0] == 400, body
        elsewhere = json.dumps({**GOOD, "host": "cvm.tencentcloudapi.com"}).encode()
        assert post(address, *sized(elsewhere))[0] == 403
        # A device whose clock is wrong is not locked out.
        assert post(address, *sized(json.dumps({**GOOD, "timestamp": 1}).encode()))[0] == 200
        process.terminate()
        assert process.stderr
        assert process.stderr.read() == ""


def test_a_session_has_a_limit() -> None:
    with running(SIGNATURES_PER_MINUTE="3") as (address, _):
        statuses = [post(address, *sized(json.dumps(GOOD).encode()))[0] for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_connections_are_bounded_in_number_and_time() -> None:
    with running() as (address, process):
        host, _, port = address.partition(":")
        held = [socket.create_connection((host, int(port))) for _ in range(100)]
        for connection in held:
            with contextlib.suppress(OSError):
                connection.sendall(b"POST / HTTP/1.1\r\n")
        time.sleep(0.5)
        threads = len(os.listdir(f"/proc/{process.pid}/task")) if sys.platform == "linux" else 0
        # One for each connection, one for its end.
        assert threads < 80
        time.sleep(11)
        assert post(address, *sized(json.dumps(GOOD).encode()))[0] == 200
        for connection in held:
            connection.close()


@pytest.mark.parametrize("missing", ["APP_TOKEN", "TENCENTCLOUD_SECRET_KEY"])
def test_it_does_not_start_without_its_settings(missing: str) -> None:
    done = subprocess.run(
        [sys.executable, BACKEND, "0"],
        env={**os.environ, **KEYS, "APP_TOKEN": "a session", missing: ""},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode != 0
    told = "APP_TOKEN is not set" if missing == "APP_TOKEN" else f"{missing} is empty"
    assert told in done.stderr
    assert "Traceback" not in done.stderr
