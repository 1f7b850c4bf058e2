"""Signals, cancelled tasks and host parts in running loops: a call ends at once, and whoever ended
it learns what it may have cost.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hosts import HostProvider, HostSigner, HostTransport

import idcard_verification as idcard
from idcard_verification.testing import SECRET_ID, SECRET_KEY, Sandbox

AT_ONCE = 0.2


@pytest.fixture(autouse=True)
def listens() -> None:
    """What a shell starts in the background ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def signal_after(seconds: float, number: int = signal.SIGINT) -> Iterator[list[float]]:
    """Sends this process a signal; the list has when."""
    sent: list[float] = []

    def send() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), number)

    timer = threading.Timer(seconds, send)
    timer.start()
    try:
        yield sent
    finally:
        timer.join()


def host_parts() -> list[dict[str, Any]]:
    keys = idcard.Credentials(SECRET_ID, SECRET_KEY)
    return [
        {},
        {"transport": HostTransport("pass")},
        {"provider": HostProvider("fresh", f"{SECRET_ID}-interrupt-TEMPORARY")},
        {"remote_signer": HostSigner("signs", keys)},
    ]


def client_with(part: dict[str, Any], sandbox: Sandbox, **settings: Any) -> idcard.Client:
    part, auth = dict(part), idcard.Auth.keys(idcard.Credentials(SECRET_ID, SECRET_KEY))
    if provider := part.pop("provider", None):
        auth = idcard.Auth.provider(provider)
    if signer := part.pop("remote_signer", None):
        auth = idcard.Auth.remote_signer(signer)
    return idcard.Client(idcard.Site.INTERNATIONAL, auth, endpoint=sandbox.url, **part, **settings)


@pytest.mark.parametrize("part", host_parts(), ids=lambda part: next(iter(part), "native"))
def test_ctrl_c_ends_a_call_at_once(sandbox: Sandbox, part: dict[str, Any]) -> None:
    with client_with(part, sandbox, timeout=8) as client:
        with signal_after(0.4) as sent, pytest.raises(KeyboardInterrupt) as raised:
            client.verify(*sandbox.person("fault:hang"))
        assert time.monotonic() - sent[0] < AT_ONCE
        assert raised.value.charge is idcard.Charge.UNKNOWN  # type: ignore[attr-defined]
        assert raised.value.attempts == 1  # type: ignore[attr-defined]
        assert "charge: unknown" in "".join(raised.value.__notes__)
        stats = client.stats()
        assert (stats.calls, stats.unknown, stats.abandoned) == (1, 1, 1)
        assert client.verify(*sandbox.person("result:0")).code == "0"


def test_a_handler_may_raise_what_it_likes(sandbox: Sandbox) -> None:
    class AlarmError(Exception):
        pass

    def alarm(*_: object) -> None:
        raise AlarmError

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        with sandbox.client(timeout=8) as client:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            begun = time.monotonic()
            with pytest.raises(AlarmError) as raised:
                client.verify(*sandbox.person("fault:hang"))
            assert time.monotonic() - begun < 0.3 + AT_ONCE
            assert raised.value.charge is idcard.Charge.UNKNOWN  # type: ignore[attr-defined]
            assert client.stats().abandoned == 1
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_call_that_had_not_begun_has_cost_nothing(sandbox: Sandbox) -> None:
    from idcard_verification._waiting import in_pieces

    with sandbox.client() as client:
        client.verify(*sandbox.person("result:0"))

        with pytest.raises(idcard.IdCardError):
            client.verify("", sandbox.person("result:0")[1])

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt) as raised:
            in_pieces(interrupted)
        assert raised.value.charge is idcard.Charge.NOT_CHARGED  # type: ignore[attr-defined]

        def interrupted_at_its_end(parked: Any, piece: int) -> None:
            person = sandbox.person("result:0")
            client._open().verify_in_pieces(*person, parked, piece * 100)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt) as raised:
            in_pieces(interrupted_at_its_end)
        assert raised.value.charge is idcard.Charge.CHARGED  # type: ignore[attr-defined]


def test_a_signal_that_ends_nothing_ends_nothing(sandbox: Sandbox) -> None:
    handled: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: handled.append(number))
    try:
        with sandbox.client() as client, signal_after(0.1, signal.SIGUSR1):
            assert client.verify(*sandbox.person("fault:slow")).code == "0"
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert handled == [signal.SIGUSR1]


def test_a_call_inside_a_signal_handler(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        inside: list[str] = []

        def handler(*_: object) -> None:
            inside.append(client.verify(*sandbox.person("result:-1")).code)

        before = signal.signal(signal.SIGUSR1, handler)
        try:
            with signal_after(0.1, signal.SIGUSR1):
                assert client.verify(*sandbox.person("fault:slow")).code == "0"
        finally:
            signal.signal(signal.SIGUSR1, before)
        assert inside == ["-1"]


def test_nothing_was_sent_by_a_call_that_was_stopped_before(sandbox: Sandbox) -> None:
    part = {"provider": HostProvider("hang", SECRET_ID)}
    with client_with(part, sandbox) as client:
        with signal_after(0.3), pytest.raises(KeyboardInterrupt) as raised:
            client.verify(*sandbox.person("result:0"))
        assert raised.value.charge is idcard.Charge.NOT_CHARGED  # type: ignore[attr-defined]


@pytest.mark.parametrize("ordered", [True, False])
def test_ctrl_c_ends_many_at_once_and_tells_of_each(sandbox: Sandbox, ordered: bool) -> None:
    keys = ["result:0", "result:-1", *["fault:hang"] * 4]
    with sandbox.client(timeout=8, single_flight=False) as client:
        taken = []
        with signal_after(0.4) as sent, pytest.raises(KeyboardInterrupt) as raised:
            for outcome in client.verify_many(
                [sandbox.person(key) for key in keys], concurrency=4, ordered=ordered
            ):
                taken.append(outcome)
        assert time.monotonic() - sent[0] < AT_ONCE
        rest = raised.value.outcomes  # type: ignore[attr-defined]
        assert sorted(o.index for o in [*taken, *rest]) == list(range(len(keys)))
        assert all(isinstance(o.error, idcard.CallCancelledError) for o in rest)
        assert "4 calls were under way" in "".join(raised.value.__notes__)
        assert client.stats().unknown == 4


def test_a_cancelled_task_tells_what_it_may_have_cost(sandbox: Sandbox) -> None:
    async def run() -> None:
        async with sandbox.async_client() as client:
            progress = idcard.CallProgress()
            call = client.verify(*sandbox.person("fault:hang"), progress=progress)
            task = asyncio.create_task(call)
            await asyncio.sleep(0.2)
            begun = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as raised:
                await task
            assert time.monotonic() - begun < AT_ONCE
            assert raised.value.charge is idcard.Charge.UNKNOWN  # type: ignore[attr-defined]
            assert progress.charge() is idcard.Charge.UNKNOWN
            with pytest.raises(TimeoutError) as timed_out:
                async with asyncio.timeout(0.2):
                    await client.verify(*sandbox.person("fault:hang"))
            cause = timed_out.value.__cause__
            assert cause is not None
            assert cause.charge is idcard.Charge.UNKNOWN  # type: ignore[attr-defined]
            stats = client.stats()
            assert (stats.calls, stats.unknown, stats.abandoned) == (2, 2, 2)

    asyncio.run(run())


def test_tasks_may_be_cancelled_at_any_moment(sandbox: Sandbox) -> None:
    async def run() -> None:
        async with sandbox.async_client(single_flight=False, requests_per_second=0) as client:

            async def one(index: int) -> None:
                task = asyncio.create_task(client.verify(*sandbox.person("result:0")))
                await asyncio.sleep(index % 40 / 10_000)
                task.cancel()
                await asyncio.wait([task])

            for index in range(200):
                await one(index)
            await asyncio.gather(*(one(index) for index in range(200)))
            stats = client.stats()
            assert stats.calls == stats.charged + stats.not_charged + stats.unknown

    asyncio.run(run())


@pytest.mark.parametrize("part", host_parts(), ids=lambda part: next(iter(part), "native"))
def test_a_blocking_client_works_where_a_loop_is_running(
    sandbox: Sandbox, part: dict[str, Any], recwarn: pytest.WarningsRecorder
) -> None:
    async def cell() -> None:  # A notebook has a loop.
        with client_with(part, sandbox) as client:
            assert client.verify(*sandbox.person("result:0")).code == "0"
            assert (
                await asyncio.to_thread(client.verify, *sandbox.person("result:-1"))
            ).code == "-1"

    asyncio.run(cell())
    assert not [w for w in recwarn if "never awaited" in str(w.message)]


def test_a_blocking_call_inside_its_own_host_part_is_refused(sandbox: Sandbox) -> None:
    class Provider(idcard.CredentialsProvider):
        async def provide(self, refused: idcard.Credentials | None) -> idcard.Credentials:
            try:
                client.verify(*sandbox.person("result:0"))
            except idcard.ConfigurationError as error:
                raise idcard.ProviderError.Unavailable(str(error)) from None
            raise AssertionError("it waits for itself")

    client = client_with({"provider": Provider()}, sandbox, timeout=5)
    with client, pytest.raises(idcard.CredentialsError, match="would wait for itself"):
        client.verify(*sandbox.person("result:0"))


def test_closing_lets_calls_end(sandbox: Sandbox) -> None:
    client = client_with({"transport": HostTransport("pass")}, sandbox)
    answers: list[idcard.Verification] = []
    thread = threading.Thread(
        target=lambda: answers.append(client.verify(*sandbox.person("fault:slow")))
    )
    thread.start()
    time.sleep(0.1)
    client.close()
    thread.join(5)
    assert [answer.code for answer in answers] == ["0"]
