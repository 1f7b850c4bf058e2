"""What an app does that holds no key: it has each request signed by the app's own backend.

APP_TOKEN=... python device.py BACKEND_URL NUMBER NAME [ENDPOINT]
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.request

from idcard_verification import (
    AsyncClient,
    Auth,
    RemoteSignature,
    RemoteSigner,
    SignerError,
    SigningRequest,
    Site,
)


class Backend(RemoteSigner):
    """Asks the backend, which sees the hash of the request and nothing of the person."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def sign(self, request: SigningRequest) -> RemoteSignature:
        """Send the request's fields; get the signature's."""
        body = json.dumps(vars(request)).encode()
        asked = urllib.request.Request(self.url, body, self.headers)
        try:
            with await asyncio.to_thread(urllib.request.urlopen, asked) as answer:
                return RemoteSignature(**json.load(answer))
        except OSError as error:
            raise SignerError.Unavailable(f"the backend: {type(error).__name__}") from None


async def main() -> None:
    """Verify one person."""
    backend, number, name, *endpoint = sys.argv[1:]
    async with AsyncClient(
        Site.INTERNATIONAL,
        Auth.remote_signer(Backend(backend, os.environ["APP_TOKEN"])),
        endpoint=endpoint[0] if endpoint else None,
    ) as client:
        answer = await client.verify(number, name)
        print(answer.verdict.name, answer.charge.name)


if __name__ == "__main__":
    asyncio.run(main())
