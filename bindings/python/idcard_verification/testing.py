"""A sandbox of the service for your own tests: no account, no charge.

from idcard_verification.testing import sandbox

def test_a_match() -> None:
    with sandbox() as s, s.client() as client:
        assert client.verify(*s.person("result:0")).verdict is Verdict.MATCH
        assert s.charged() == 1
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ._bridge import native
from ._callbacks import TransportError
from ._client import AsyncClient, Client
from ._tools import tools

if TYPE_CHECKING:
    from typing import Unpack

    from ._base import Settings

SECRET_ID = "AKIDSANDBOX"
"""SecretId of the usual test account; anything that begins with it is another account."""
SECRET_KEY = "sandbox-secret-key"
"""SecretKey of every test account."""


class Sandbox:
    """A running sandbox. It listens on this machine alone."""

    def __init__(self, requests_per_second: int | None = None) -> None:
        """Start one; `requests_per_second` limits each account, 0 for no limit."""
        self._server = tools.EmbeddedSandbox(requests_per_second)
        self.url = self._server.url()
        """Where it listens."""
        # Requests of tests go to this machine; a proxy of the environment has no part in them.
        self._http = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._people: dict[str, tuple[str, str]] | None = None

    def client(self, account: str = SECRET_ID, **settings: Unpack[Settings]) -> Client:
        """A client of an account of this sandbox, set up as you like."""
        settings.setdefault("endpoint", self.url)
        credentials = native.Credentials(account, SECRET_KEY)
        return Client(native.Site.INTERNATIONAL, credentials, **settings)

    def async_client(self, account: str = SECRET_ID, **settings: Unpack[Settings]) -> AsyncClient:
        """The same for asyncio."""
        settings.setdefault("endpoint", self.url)
        credentials = native.Credentials(account, SECRET_KEY)
        return AsyncClient(native.Site.INTERNATIONAL, credentials, **settings)

    def person(self, key: str) -> tuple[str, str]:
        """Number and name of a test identity, such as `result:-1` or `error:InternalError`."""
        return self.people()[key]

    def people(self) -> dict[str, tuple[str, str]]:
        """Every test identity, by its key."""
        if self._people is None:
            identities = self._get("/sandbox/identities")
            self._people = {i["key"]: (i["id_number"], i["name"]) for i in identities}
        return self._people

    def endpoints(self) -> dict[str, str]:
        """Places where a connection breaks (`reset-unread`, `reset-midway`), where the sandbox is
        reached by TLS (`https` and, not to be trusted, `https-expired` and its like), and a
        `proxy`; `authority` is the certificate, as PEM, of who signed theirs.
        """
        endpoints: dict[str, str] = self._get("/sandbox/endpoints")
        return endpoints

    def encryption_keys(self) -> dict[str, str]:
        """Keys to encrypt fields with: `rsa_public_key` and `sm2_public_key`, and a data key as of
        the key management service, `data_key` and `data_key_blob`.
        """
        keys: dict[str, str] = self._get("/sandbox/encryption")
        return keys

    def ledger(self, account: str = SECRET_ID) -> dict[str, Any]:
        """What the sandbox's ledger says of an account: requests, charges, latest entries."""
        ledger: dict[str, Any] = self._get(f"/sandbox/ledger?account={account}")
        return ledger

    def charged(self, account: str = SECRET_ID) -> int:
        """How many calls an account would have paid for."""
        return int(self.ledger(account)["charged"])

    def set_account(self, account: str, **settings: int | list[str]) -> None:
        """Set `requests_per_second` or `clock_offset_seconds` of an account, or `next`: the
        outcomes of its next requests, by the keys of test identities.
        """
        request = urllib.request.Request(
            f"{self.url}/sandbox/accounts/{account}",
            data=json.dumps(settings).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        self._http.open(request).close()

    def stop(self) -> None:
        """Stop it and wait until it has stopped."""
        self._server.stop()

    def _get(self, path: str) -> Any:
        with self._http.open(self.url + path) as answer:
            return json.load(answer)


async def check_transport(transport: native.Transport) -> list[str]:
    """What a transport of yours does otherwise than its contract says, each with the name of a
    case; nothing when it conforms. It takes some seconds and talks to this machine alone.
    """
    findings: list[str] = await tools.check_transport(_Probe(transport))
    return findings


# Variants of native types are classes of their own to a type checker.
_ProbedError: Any = tools.ProbedError


class _Probe(tools.ProbedTransport):
    """The same transport, in the types of the tools."""

    def __init__(self, transport: native.Transport) -> None:
        self._transport = transport

    async def send(self, request: Any) -> Any:
        headers = [native.HttpHeader(name=h.name, value=h.value) for h in request.headers]
        asked = native.HttpRequest(
            url=request.url,
            headers=headers,
            body=request.body,
            timeout=request.timeout,
            max_response_bytes=request.max_response_bytes,
        )
        try:
            response = await self._transport.send(asked)
        except TransportError.Failed as failed:
            failure = tools.ProbedFailure[failed.failure.name]
            raise _ProbedError.Failed(failure, failed.sent) from failed
        except asyncio.CancelledError:
            # Of the case, which has ended; the transport's own would leave it waiting.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            raise _ProbedError.Failed(tools.ProbedFailure.OTHER, True) from None
        except BaseException as error:
            raise _ProbedError.Failed(tools.ProbedFailure.OTHER, True) from error
        return tools.ProbedResponse(
            status=response.status,
            headers=[tools.ProbedHeader(name=h.name, value=h.value) for h in response.headers],
            body=response.body,
        )


def find_leak(text: str, canaries: Sequence[str]) -> str | None:
    """The first of some keys, numbers or names that a text shows: as it is, escaped as in JSON,
    percent-encoded, or inside base64. It is named by its place; those of less than six bytes are
    left out. For tests of your own logs.
    """
    found: str | None = tools.find_leak(text, list(canaries))
    return found


@contextmanager
def sandbox(requests_per_second: int | None = None) -> Generator[Sandbox, None, None]:
    """A sandbox for as long as the block runs."""
    running = Sandbox(requests_per_second)
    try:
        yield running
    finally:
        running.stop()
