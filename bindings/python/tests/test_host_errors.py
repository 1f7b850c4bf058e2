"""What the code of an application raises inside a call ends the call at once, and is its cause."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

import idcard_verification as idcard
from idcard_verification import _host_errors
from idcard_verification.testing import SECRET_ID, SECRET_KEY, Sandbox


class OfTheHost(Exception):
    """An exception of the application."""


RAISED = [OfTheHost("a canary"), SystemExit("a canary"), asyncio.CancelledError("a canary")]


class Raising(idcard.Transport, idcard.CredentialsProvider):
    """Raises, whatever it is asked for."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def send(self, request: idcard.HttpRequest) -> idcard.HttpResponse:
        raise self.error

    async def provide(self, refused: idcard.Credentials | None) -> idcard.Credentials:
        raise self.error


def settings(part: str, error: BaseException) -> dict[str, Any]:
    if part == "provider":
        return {"auth": idcard.Auth.provider(Raising(error))}
    keys = idcard.Auth.keys(idcard.Credentials(SECRET_ID, SECRET_KEY))
    return {"auth": keys, "transport": Raising(error)}


def check(error: idcard.IdCardError, cause: BaseException, begun: float) -> None:
    assert time.monotonic() - begun < 2
    assert error.__cause__ is cause
    assert isinstance(error, (idcard.NetworkError, idcard.CredentialsError))
    assert "it threw an exception" in str(error)
    assert "#" not in str(error)
    assert "canary" not in str(error)
    is_free = isinstance(error, idcard.CredentialsError)
    assert error.charge == (idcard.Charge.NOT_CHARGED if is_free else idcard.Charge.UNKNOWN)


@pytest.mark.parametrize("part", ["transport", "provider"])
@pytest.mark.parametrize("raised", RAISED, ids=lambda error: type(error).__name__)
def test_a_blocking_call_has_it_as_its_cause(
    part: str,
    raised: BaseException,
    sandbox: Sandbox,
    capfd: pytest.CaptureFixture[str],
) -> None:
    person = sandbox.person("result:0")
    arguments = settings(part, raised)
    with idcard.Client(idcard.Site.INTERNATIONAL, endpoint=sandbox.url, **arguments) as client:
        begun = time.monotonic()
        with pytest.raises(idcard.IdCardError) as caught:
            client.verify(*person)
        check(caught.value, raised, begun)
    # What an application raises is for the application to show.
    assert "canary" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("part", ["transport", "provider"])
def test_an_awaited_call_has_it_as_its_cause(part: str, sandbox: Sandbox) -> None:
    person = sandbox.person("result:0")
    raised = OfTheHost("a canary")
    arguments = settings(part, raised)

    async def call() -> None:
        client = idcard.AsyncClient(
            idcard.Site.INTERNATIONAL,
            endpoint=sandbox.url,
            **arguments,
        )
        begun = time.monotonic()
        with pytest.raises(idcard.IdCardError) as caught:
            await client.verify(*person)
        check(caught.value, raised, begun)
        [outcome] = [one async for one in client.verify_many([person])]
        assert isinstance(outcome.error, idcard.IdCardError)
        assert outcome.error.__cause__ is raised

    asyncio.run(call())


class Hanging(idcard.Transport):
    """Waits until the library stops it, and notes that."""

    stopped = False

    async def send(self, request: idcard.HttpRequest) -> idcard.HttpResponse:
        try:
            await asyncio.sleep(60)
        finally:
            self.stopped = True
        raise AssertionError("nobody stopped it")


def test_what_a_call_stopped_is_not_kept(sandbox: Sandbox) -> None:
    keys = idcard.Credentials(SECRET_ID, SECRET_KEY)
    hanging, before = Hanging(), set(_host_errors._raised)
    with (
        idcard.Client(
            idcard.Site.INTERNATIONAL, keys, endpoint=sandbox.url, timeout=0.1, transport=hanging
        ) as client,
        pytest.raises(idcard.NetworkError),
    ):
        client.verify(*sandbox.person("result:0"))
    until = time.monotonic() + 5
    while not hanging.stopped and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    assert hanging.stopped and set(_host_errors._raised) <= before
