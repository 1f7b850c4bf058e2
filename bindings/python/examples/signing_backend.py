"""An app's own backend: it holds the SecretKey and signs what the app asks for.

    export TENCENTCLOUD_SECRET_ID=... TENCENTCLOUD_SECRET_KEY=... APP_TOKEN=...
    python signing_backend.py 8080

The app posts the fields of a `SigningRequest` as JSON, with the token of its user's session, and
gets the fields of a `RemoteSignature`. Neither a number nor a name comes by here: only a hash does.

`application` is a WSGI application, for the server that you deploy; `main` serves it on this
machine. Replace `session_of` with your own sessions. Keep a limit per session: for five minutes a
signature is worth as many charged calls about one person as its holder likes to make.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from idcard_verification import Credentials, IdCardError, SigningRequest, sign_digest

MAX_BYTES = 4096
PER_MINUTE = int(os.environ.get("SIGNATURES_PER_MINUTE", "10"))
"""Signatures for one session."""
MAX_CONNECTIONS = 32
MAX_SECONDS = 10
"""Time that one connection may take."""


class Refused(Exception):
    """A request that gets no signature."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


def configured(name: str) -> str:
    """A variable of the environment that must not be empty."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise SystemExit(f"{name} is not set")
    return value


def session_of(authorization: str) -> str | None:
    """The session that a request belongs to, if it may ask at all."""
    expected = f"Bearer {configured('APP_TOKEN')}".encode()
    given = authorization.encode("utf-8", "surrogateescape")
    return "the only one" if hmac.compare_digest(given, expected) else None


class Limit:
    """Counts the signatures of each session in the last minute."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, session: str) -> bool:
        """Whether the session may have one more."""
        now = time.monotonic()
        with self._lock:
            times = self._times.setdefault(session, deque())
            while times and times[0] < now - 60:
                times.popleft()
            if len(times) >= self.per_minute:
                return False
            times.append(now)
            return True


LIMIT = Limit(PER_MINUTE)


def body_of(environ: dict[str, Any]) -> bytes:
    """The body, if it says how long it is and is not too long."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdigit()):
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "no length")
    if len(length) > 9 or int(length) > MAX_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long")
    body: bytes = environ["wsgi.input"].read(int(length))
    if len(body) != int(length):
        raise Refused(HTTPStatus.BAD_REQUEST, "cut short")
    return body


def signed(credentials: Credentials, environ: dict[str, Any]) -> dict[str, object]:
    """The fields of the signature that is asked for."""
    if environ.get("REQUEST_METHOD") != "POST":
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "only POST")
    session = session_of(environ.get("HTTP_AUTHORIZATION") or "")
    if session is None:
        raise Refused(HTTPStatus.UNAUTHORIZED, "not allowed")
    if (environ.get("CONTENT_TYPE") or "").partition(";")[0].strip() != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not JSON")
    try:
        request = SigningRequest(**json.loads(body_of(environ)))
        for name, value in vars(request).items():
            if type(value) is not (int if name == "timestamp" else str):
                raise TypeError(name)
        if not 0 <= request.timestamp < 1 << 64:
            raise ValueError("timestamp")
    except (TypeError, ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "not a signing request") from None
    if not LIMIT.take(session):
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too many for this session")
    try:
        return dict(vars(sign_digest(credentials, request)))
    except IdCardError as error:
        raise Refused(HTTPStatus.FORBIDDEN, str(error)) from None
    except Exception:
        # Fields of other types than they should be.
        raise Refused(HTTPStatus.BAD_REQUEST, "not a signing request") from None


def application_with(credentials: Credentials) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that signs with these credentials. It says nothing of what goes wrong
    inside, and logs nothing: what is logged can leak.
    """

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        status, fields = HTTPStatus.OK, {}
        try:
            fields = signed(credentials, environ)
        except Refused as refused:
            status, fields = refused.status, {"error": str(refused)}
        except TimeoutError:
            status, fields = HTTPStatus.REQUEST_TIMEOUT, {"error": "too slow"}
        except Exception:
            status, fields = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "no signature"}
        body = json.dumps(fields).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    return application


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """For a WSGI server: `gunicorn signing_backend:application`. Give that timeouts, too."""
    global _application
    if _application is None:
        configured("APP_TOKEN")
        _application = application_with(Credentials.from_env())
    return _application(environ, start_response)


_application: Callable[..., Iterable[bytes]] | None = None


class Handler(WSGIRequestHandler):
    """A connection, for so long at most, whatever comes or does not come."""

    timeout = MAX_SECONDS

    def setup(self) -> None:
        """Begin, and be ended in time."""
        super().setup()
        self._end = threading.Timer(MAX_SECONDS, self._shut)
        self._end.daemon = True
        self._end.start()

    def finish(self) -> None:
        """End."""
        self._end.cancel()
        super().finish()

    def _shut(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


class Server(ThreadingMixIn, WSGIServer):
    """So many connections at once, and no more."""

    daemon_threads = True
    request_queue_size = 128
    _free = threading.BoundedSemaphore(MAX_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve it, or hang up."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve it and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: who hangs up early is no fault of ours."""


def main() -> None:
    """Serve on this machine; a proxy with TLS belongs before it."""
    configured("APP_TOKEN")
    try:
        credentials = Credentials.from_env()
    except IdCardError as error:
        raise SystemExit(str(error)) from None
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    server = Server(("127.0.0.1", port), Handler)
    server.set_app(application_with(credentials))
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
