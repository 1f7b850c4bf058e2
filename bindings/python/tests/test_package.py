"""What is Python's own: context managers, many at a time, cancelling, printing, leaks."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import idcard_verification as idcard
import idcard_verification_tools
from idcard_verification._tools import tools
from idcard_verification.testing import SECRET_ID, SECRET_KEY, Sandbox
from idcard_verification.testing import sandbox as running_sandbox

MATCH = "result:0"


def test_context_managers_close(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        assert client.verify(*sandbox.person(MATCH)).verdict is idcard.Verdict.MATCH
    with pytest.raises(RuntimeError, match="closed"):
        client.verify(*sandbox.person(MATCH))

    async def run() -> None:
        async with sandbox.async_client() as client:
            assert (await client.verify(*sandbox.person(MATCH))).charge is idcard.Charge.CHARGED
        with pytest.raises(RuntimeError, match="closed"):
            await client.verify(*sandbox.person(MATCH))

    asyncio.run(run())


def test_results_are_values(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        result = client.verify(*sandbox.person(MATCH)).result
        tomorrow = client.verify(*sandbox.person("result:-99"))
    assert result == idcard.ResultCode.MATCH
    assert result is idcard.ResultCode.MATCH
    assert {idcard.ResultCode.MATCH: "a match"}[result] == "a match"
    match result:
        case idcard.ResultCode.MISMATCH:
            pytest.fail("another")
        case idcard.ResultCode.MATCH:
            pass
    assert (tomorrow.result, tomorrow.code) == (idcard.ResultCode.UNKNOWN, "-99")


def test_from_env(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    # The library reads the process's environment, which this sets.
    monkeypatch.delenv("TENCENTCLOUD_SECRET_ID", raising=False)
    with pytest.raises(idcard.CredentialsError, match="TENCENTCLOUD_SECRET_ID is not set"):
        idcard.Client.from_env(idcard.Site.MAINLAND)
    with pytest.raises(idcard.CredentialsError, match="TENCENTCLOUD_SECRET_ID is not set"):
        idcard.Credentials.from_env()
    with pytest.raises(idcard.CredentialsError, match="SecretKey"):
        idcard.Credentials("AKIDinvented", "")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", SECRET_ID)
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", SECRET_KEY)
    with idcard.Client.from_env(idcard.Site.INTERNATIONAL, endpoint=sandbox.url) as client:
        assert client.verify(*sandbox.person("result:-1")).verdict is idcard.Verdict.MISMATCH


def test_a_provider_of_credentials(sandbox: Sandbox) -> None:
    class Provider(idcard.CredentialsProvider):
        calls = 0

        async def provide(self, refused: idcard.Credentials | None) -> idcard.Credentials:
            self.calls += 1
            if self.calls > 2:
                raise idcard.ProviderError.Unavailable("the server is asleep")
            return idcard.Credentials(SECRET_ID, SECRET_KEY)

    provider = Provider()
    client = idcard.Client(
        idcard.Site.INTERNATIONAL, idcard.Auth.provider(provider), endpoint=sandbox.url
    )
    for _ in range(2):
        assert client.verify(*sandbox.person(MATCH)).verdict is idcard.Verdict.MATCH
    with pytest.raises(idcard.CredentialsError, match="provider: the server is asleep"):
        client.verify(*sandbox.person(MATCH))


KEYS = [MATCH, "result:-1", "error:InternalError", "result:-5", "fault:slow", MATCH]
EXPECTED = ["0", "-1", "InternalError", "-5", "0", "0"]


def code(outcome: idcard.Outcome) -> str:
    if outcome.answer is not None:
        return outcome.answer.code
    assert isinstance(outcome.error, idcard.ServiceError)
    return outcome.error.code


def test_many_keep_their_order(sandbox: Sandbox) -> None:
    people = [sandbox.person(key) for key in KEYS]
    with sandbox.client() as client:
        ordered = list(client.verify_many(people, concurrency=3))
        assert [outcome.index for outcome in ordered] == list(range(len(KEYS)))
        assert [code(outcome) for outcome in ordered] == EXPECTED
        completed = list(client.verify_many(people, concurrency=6, ordered=False))
        assert sorted(outcome.index for outcome in completed) == list(range(len(KEYS)))
        assert completed[-1].index == KEYS.index("fault:slow")
        assert people[0][1] not in repr(ordered)
        with pytest.raises(ValueError, match="concurrency"):
            client.verify_many(people, concurrency=0)


def test_many_async_keep_their_order(sandbox: Sandbox) -> None:
    async def people() -> AsyncIterator[tuple[str, str]]:
        for key in KEYS:
            yield sandbox.person(key)

    async def run() -> None:
        async with sandbox.async_client() as client:
            ordered = [outcome async for outcome in client.verify_many(people(), concurrency=3)]
            assert [code(outcome) for outcome in ordered] == EXPECTED
            many = client.verify_many([sandbox.person(key) for key in KEYS], ordered=False)
            completed = [outcome async for outcome in many]
            assert completed[-1].index == KEYS.index("fault:slow")

    asyncio.run(run())


def test_many_read_their_input_as_far_as_needed(sandbox: Sandbox) -> None:
    taken = 0

    def people() -> Iterator[tuple[str, str]]:
        nonlocal taken
        while True:
            taken += 1
            yield sandbox.person("result:-5")

    with sandbox.client() as client:
        outcomes = client.verify_many(people(), concurrency=4)
        for _ in range(10):
            next(outcomes)
        assert taken <= 15
        outcomes.close()


def test_cancelling_a_task_stops_at_once(sandbox: Sandbox) -> None:
    async def run() -> float:
        async with sandbox.async_client() as client:
            task = asyncio.create_task(client.verify(*sandbox.person("fault:hang")))
            await asyncio.sleep(0.2)
            begun = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - begun

    assert asyncio.run(run()) < 0.1


def test_cancelling_by_handle_says_what_is_known(sandbox: Sandbox) -> None:
    handle = idcard.CancelHandle()
    with sandbox.client() as client:
        timer = threading.Timer(0.2, handle.cancel)
        timer.start()
        begun = time.monotonic()
        with pytest.raises(idcard.CallCancelledError) as raised:
            client.verify(*sandbox.person("fault:hang"), cancel=handle)
        assert time.monotonic() - begun < 0.3
        assert raised.value.sent and raised.value.charge is idcard.Charge.UNKNOWN


def test_nothing_printed_shows_a_person_or_a_key(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number, name = sandbox.person("fault:echo")
    printed = [repr(idcard.Credentials(SECRET_ID, SECRET_KEY)), repr(idcard.normalize_name(name))]
    with sandbox.client() as client:
        printed.append(repr(client.verify(*sandbox.person(MATCH))))
        for person in [(number, name), (number, name + "1"), (number[:-1] + "x", name)]:
            with pytest.raises(idcard.IdCardError) as raised:
                client.verify(*person)
            printed += [str(raised.value), repr(raised.value), repr(raised.value.__cause__)]
            printed.append(repr(vars(raised.value)))
    for text in [*printed, caplog.text]:
        assert name not in text and number not in text and SECRET_KEY not in text


def test_a_number_of_fifteen_digits_is_carried_and_not_shown() -> None:
    with pytest.raises(idcard.InvalidInputError) as raised:
        idcard.check_id_number("001000900101001")
    problem: Any = raised.value.problem
    assert problem.number == "001000199001010019"
    error = raised.value
    for text in (str(problem), repr(problem), str(error), repr(error), repr(vars(error))):
        assert problem.number not in text


def test_a_panic_is_an_exception() -> None:
    with pytest.raises(Exception, match="on purpose"):
        tools.panic_on_request(True)
    assert idcard.expected_check_digit("11204416541220243") == "4"


def resident_kib() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_calls_leak_nothing(sandbox: Sandbox) -> None:
    person = sandbox.person(MATCH)

    async def many(client: idcard.AsyncClient, count: int) -> None:
        async for outcome in client.verify_many(person for _ in range(count)):
            assert outcome.answer is not None

    def run(count: int) -> tuple[int, int]:
        with sandbox.client(requests_per_second=0) as client:
            for _ in range(count):
                client.verify(*person)
        asyncio.run(many(sandbox.async_client(requests_per_second=0, single_flight=False), count))
        gc.collect()
        return resident_kib(), len(os.listdir("/proc/self/fd"))

    run(1_000)
    memory, files = run(1_000)
    memory_after, files_after = run(5_000)
    assert memory_after - memory < 4 * 1024
    # As many connections as there were calls at once may be kept, whose both ends are here. How
    # many there are follows from who was quick; a leak would grow with the calls.
    assert files_after <= files + 2 * 64 + 8


def test_the_command_is_installed() -> None:
    command = Path(sys.executable).with_name("idcard-verify")
    with running_sandbox() as s:
        number, name = s.person(MATCH)
        run = [
            command,
            "verify",
            "--site",
            "international",
            "--endpoint",
            s.url,
            "--stdin",
            "--json",
        ]
        keys = {"TENCENTCLOUD_SECRET_ID": SECRET_ID, "TENCENTCLOUD_SECRET_KEY": SECRET_KEY}
        done = subprocess.run(
            run,
            input=f"{number}\n{name}\n",
            capture_output=True,
            text=True,
            env={**os.environ, **keys},
        )
        assert done.returncode == 0, done.stderr
        assert '"charge":"charged"' in done.stdout


def test_a_library_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    package = Path(idcard.__file__).parent
    copy = tmp_path / package.name
    shutil.copytree(package, copy)
    for library in (copy / "_native").glob("lib*"):
        library.write_bytes(b"no library")
    done = subprocess.run(
        [sys.executable, "-c", "import idcard_verification; idcard_verification.Client"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    says = done.stderr.splitlines()[-1]
    assert says.startswith(
        "ImportError: idcard-verification: the native library cannot be loaded: "
    )


def command(*arguments: str | bytes, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "idcard_verification", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_no_failure_of_the_command_is_a_mismatch(tmp_path: Path) -> None:
    mismatch = ("verify", "--sandbox", "440305199505132561", "Liu Yang")
    assert command(*mismatch)[0] == 10
    # What a terminal of another encoding gives.
    code, said = command("check", "440305199505132561", b"\xc1\xf5\xd1\xf3")
    assert code == 64
    assert "Traceback" not in said
    copy = tmp_path / "idcard_verification_tools"
    shutil.copytree(Path(idcard_verification_tools.__file__).parent, copy)
    for library in (copy / "_native").glob("lib*"):
        library.write_bytes(b"no library")
    code, said = command(*mismatch, PYTHONPATH=str(tmp_path))
    assert code == 70
    assert said.startswith("error: the native library cannot be loaded: ")
    assert said.count("\n") == 1
    without = "import sys; sys.modules['idcard_verification_tools'] = None; "
    for run, words in [
        ("import idcard_verification.testing", "pip install idcard-verification-tools"),
        (
            "import runpy; runpy.run_module('idcard_verification', run_name='__main__')",
            "error: the command is in another package: pip install idcard-verification-tools",
        ),
    ]:
        done = subprocess.run(
            [sys.executable, "-c", without + run], capture_output=True, text=True, check=False
        )
        assert done.returncode != 0 and words in done.stderr
