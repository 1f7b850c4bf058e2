"""Transports, providers and signers of an application, good and bad."""

from __future__ import annotations

import asyncio
import http.client
import ssl
from urllib.parse import urlsplit

from idcard_verification import (
    Credentials,
    CredentialsProvider,
    HttpHeader,
    HttpRequest,
    HttpResponse,
    NetworkFailure,
    ProviderError,
    RemoteSignature,
    RemoteSigner,
    SignerError,
    SigningRequest,
    Transport,
    TransportError,
    sign_digest,
)
from idcard_verification.testing import SECRET_KEY


class HostTransport(Transport):
    """Behaves as the scenario says."""

    def __init__(self, behaviour: str, authority: str | None = None) -> None:
        self.behaviour = behaviour
        self.tls = ssl.create_default_context(cadata=authority)

    async def send(self, request: HttpRequest) -> HttpResponse:
        match self.behaviour:
            case "pass":
                return await asyncio.to_thread(post, request, self.tls)
            case "fail_before":
                raise TransportError.Failed(NetworkFailure.CONNECT, False)
            case "fail_after":
                await asyncio.to_thread(post, request, self.tls)
                raise TransportError.Failed(NetworkFailure.INTERRUPTED, True)
            case "too_large":
                raise TransportError.Failed(NetworkFailure.ANSWER_TOO_LARGE, True)
            case "throw":
                raise ValueError("a canary of the host")
            case "hang":
                await asyncio.sleep(60)
        raise AssertionError(f"unknown behaviour {self.behaviour}")


def post(request: HttpRequest, tls: ssl.SSLContext) -> HttpResponse:
    """Send with the standard library: bytes and headers as they are, no redirect."""
    url = urlsplit(request.url)
    timeout = request.timeout.total_seconds()
    connection = (
        http.client.HTTPSConnection(url.netloc, timeout=timeout, context=tls)
        if url.scheme == "https"
        else http.client.HTTPConnection(url.netloc, timeout=timeout)
    )
    try:
        try:
            connection.connect()
        except ssl.SSLError as error:
            raise TransportError.Failed(NetworkFailure.TLS, False) from error
        connection.request("POST", "/", request.body, {h.name: h.value for h in request.headers})
        answer = connection.getresponse()
        body = answer.read(request.max_response_bytes)
        headers = [HttpHeader(name=name, value=value) for name, value in answer.getheaders()]
        return HttpResponse(status=answer.status, headers=headers, body=body)
    finally:
        connection.close()


class HostProvider(CredentialsProvider):
    """Behaves as the scenario says."""

    def __init__(self, behaviour: str, account: str) -> None:
        self.behaviour = behaviour
        self.account = account

    async def provide(self, refused: Credentials | None) -> Credentials:
        match self.behaviour:
            case "fails":
                raise ProviderError.Unavailable("the server is asleep")
            case "throw":
                raise ValueError("a canary of the host")
            case "hang":
                await asyncio.sleep(60)
        good = self.behaviour == "fresh" or (self.behaviour == "refreshes" and refused is not None)
        return Credentials(self.account, SECRET_KEY, "sandbox-token" if good else "expired-token")


class HostSigner(RemoteSigner):
    """Behaves as the scenario says; it signs with the keys of a backend."""

    def __init__(self, behaviour: str, keys: Credentials) -> None:
        self.behaviour = behaviour
        self.keys = keys

    async def sign(self, request: SigningRequest) -> RemoteSignature:
        match self.behaviour:
            case "signs":
                return sign_digest(self.keys, request)
            case "fails":
                raise SignerError.Unavailable("the server is asleep")
            case "throw":
                raise ValueError("a canary of the host")
            case "hang":
                await asyncio.sleep(60)
            case "forges":
                return RemoteSignature(authorization="TC3\r\nX-Forged: 1")
        raise AssertionError(f"unknown behaviour {self.behaviour}")
