"""An app's own backend: it holds the SecretKey and signs what the app asks for.

    export TENCENTCLOUD_SECRET_ID=... TENCENTCLOUD_SECRET_KEY=... APP_TOKEN=...
    python signing_backend.py 8080

The app posts the fields of a `SigningRequest` as JSON, with the token of its user's session, and
gets the fields of a `RemoteSignature`. Neither a number nor a name comes by here: only a hash does.
Replace `is_allowed` with your own sessions and limits: a signature is worth a charged call.
"""

from __future__ import annotations

import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from idcard_verification import Credentials, IdCardError, SigningRequest, sign_digest

MAX_BYTES = 4096


def is_allowed(authorization: str) -> bool:
    """Whether the user of this session may verify somebody now."""
    return hmac.compare_digest(authorization, f"Bearer {os.environ['APP_TOKEN']}")


def signed(credentials: Credentials, body: bytes) -> tuple[int, dict[str, str | None]]:
    """HTTP status and JSON of the answer."""
    try:
        request = SigningRequest(**json.loads(body))
        signature = sign_digest(credentials, request)
    except (TypeError, ValueError):
        return 400, {"error": "not a signing request"}
    except IdCardError as error:
        return 403, {"error": str(error)}
    return 200, {"authorization": signature.authorization, "token": signature.token}


class Handler(BaseHTTPRequestHandler):
    """Answers `POST`."""

    credentials: Credentials

    def do_POST(self) -> None:
        """Sign, for those who may ask."""
        length = int(self.headers.get("Content-Length") or 0)
        if not is_allowed(self.headers.get("Authorization") or "") or length > MAX_BYTES:
            self.answer(401, {"error": "not allowed"})
            return
        self.answer(*signed(self.credentials, self.rfile.read(length)))

    def answer(self, status: int, fields: dict[str, str | None]) -> None:
        """Write JSON."""
        body = json.dumps(fields).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: what is logged can leak."""


def main() -> None:
    """Serve on this machine; a proxy with TLS belongs before it."""
    Handler.credentials = Credentials.from_env()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
