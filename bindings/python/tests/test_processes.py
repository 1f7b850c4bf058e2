"""Forks, pools and spawned processes: nobody gets the answer of another, nothing hangs, and what
all report is what the sandbox has charged.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hosts import HostProvider, HostTransport

import idcard_verification as idcard
from idcard_verification.testing import Sandbox

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")

TIMEOUT = 5.0
PATIENCE = 20.0
CALLS = 5
FOREIGN, FAILED = 101, 102


def fork(child: Callable[[], int]) -> int:
    """The process id of a child that ends with what `child` gives back."""
    pid = os.fork()
    if pid == 0:
        code = FAILED
        try:
            code = child()
        finally:
            os._exit(code)
    return pid


def exit_code(pid: int) -> int | str:
    """How a child ended; one that hangs is killed."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "it hung"


def settings(kind: str, sandbox: Sandbox) -> dict[str, Any]:
    usual: dict[str, Any] = {"timeout": TIMEOUT, "requests_per_second": 0, "single_flight": False}
    if kind == "tls":
        endpoints = sandbox.endpoints()
        return usual | {"endpoint": endpoints["https"], "extra_roots": endpoints["authority"]}
    return usual


def ask(client: idcard.Client | idcard.AsyncClient, person: tuple[str, str]) -> idcard.Verification:
    if isinstance(client, idcard.AsyncClient):
        return asyncio.run(client.verify(*person))
    return client.verify(*person)


def calls(client: idcard.Client | idcard.AsyncClient, person: tuple[str, str], code: str) -> int:
    """What some calls were charged, or why they went wrong."""
    charged = 0
    for _ in range(CALLS):
        try:
            answer = ask(client, person)
        except Exception as error:
            print(repr(error), file=sys.stderr)
            return FAILED
        if answer.code != code:
            return FOREIGN
        charged += answer.charge is idcard.Charge.CHARGED
    return charged


@pytest.mark.parametrize("kind", ["http", "tls"])
@pytest.mark.parametrize("form", ["blocking", "async"])
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_a_client_is_used_on_both_sides_of_a_fork(
    sandbox: Sandbox, kind: str, form: str, warm: bool
) -> None:
    account = f"AKIDSANDBOX-python-fork-{kind}-{form}-{warm}"
    make: Any = sandbox.client if form == "blocking" else sandbox.async_client
    client = make(account, **settings(kind, sandbox))
    match, mismatch = sandbox.person("result:0"), sandbox.person("result:-1")
    charged = calls(client, match, "0") if warm else 0
    codes: list[int | str] = []
    for _ in range(6):
        children = [
            fork(lambda p=person, c=code: calls(client, p, c))  # type: ignore[misc]
            for person, code in [(mismatch, "-1"), (match, "0")]
        ]
        charged += calls(client, match, "0")
        codes += [exit_code(child) for child in children]
    assert all(code == CALLS for code in codes), codes
    assert sandbox.charged(account) == charged + len(codes) * CALLS


def test_a_fork_while_other_threads_are_in_calls(sandbox: Sandbox) -> None:
    account = "AKIDSANDBOX-python-fork-threads"
    client = sandbox.client(account, **settings("http", sandbox))
    match, mismatch = sandbox.person("result:0"), sandbox.person("result:-1")
    stop = threading.Event()
    charged = [0] * 4

    def work(index: int) -> None:
        while not stop.is_set():
            assert client.verify(*match).code == "0"
            charged[index] += 1

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    codes = []
    for _ in range(10):
        codes.append(exit_code(fork(lambda: calls(client, mismatch, "-1"))))
    stop.set()
    for thread in threads:
        thread.join()
    assert codes == [CALLS] * len(codes)
    assert sandbox.charged(account) == sum(charged) + CALLS * len(codes)


def test_host_parts_and_credentials_that_refresh_after_a_fork(sandbox: Sandbox) -> None:
    account = "AKIDSANDBOX-python-fork-hosts-TEMPORARY"
    site = idcard.Site.INTERNATIONAL
    match, mismatch = sandbox.person("result:0"), sandbox.person("result:-1")
    usual = settings("http", sandbox) | {"endpoint": sandbox.url}
    provider = idcard.Auth.provider(HostProvider("fresh", account))
    clients = [
        idcard.Client(site, provider, **usual),
        idcard.Client(site, idcard.Auth.cvm_role(account, sandbox.url), **usual),
        sandbox.client(transport=HostTransport("pass"), **settings("http", sandbox)),
    ]
    for client in clients:
        assert calls(client, match, "0") == CALLS
        children = [fork(lambda c=client: calls(c, mismatch, "-1")) for _ in range(3)]  # type: ignore[misc]
        assert calls(client, match, "0") == CALLS
        assert [exit_code(child) for child in children] == [CALLS] * 3


def test_a_child_leaves_the_parents_connection_alone(sandbox: Sandbox) -> None:
    with sandbox.client(**settings("tls", sandbox)) as client:
        person = sandbox.person("result:0")
        client.verify(*person)

        def child() -> int:
            client.close()
            return 0

        for _ in range(3):
            assert exit_code(fork(child)) == 0
            answer = client.verify(*person)
            assert (answer.code, answer.attempts) == ("0", 1)
        assert client.stats().unknown == 0


def test_a_child_can_end_what_it_inherited(sandbox: Sandbox) -> None:
    from idcard_verification.testing import sandbox as running

    with running() as own:
        client = own.client()
        client.verify(*own.person("result:0"))

        def child() -> int:
            nonlocal client
            own.stop()
            del client
            return 0

        assert exit_code(fork(child)) == 0
        assert client.verify(*own.person("result:0")).code == "0"


_client: idcard.Client | None = None


def in_worker(person: tuple[str, str]) -> str:
    assert _client is not None
    return _client.verify(*person).code


def fails_in_worker(person: tuple[str, str]) -> str:
    assert _client is not None
    return _client.verify(*person).code


def test_pools_of_processes(sandbox: Sandbox) -> None:
    global _client
    people = [sandbox.person("result:0"), sandbox.person("result:-1")] * 10
    with sandbox.client(**settings("http", sandbox)) as _client:
        _client.verify(*people[0])
        context = multiprocessing.get_context("fork")
        with context.Pool(3) as pool:
            assert pool.map_async(in_worker, people).get(PATIENCE) == ["0", "-1"] * 10
            failure = pool.apply_async(fails_in_worker, (sandbox.person("error:InternalError"),))
            with pytest.raises(idcard.ServiceError) as raised:
                failure.get(PATIENCE)
            assert raised.value.code == "InternalError"
            assert raised.value.charge is idcard.Charge.UNKNOWN
        with concurrent.futures.ProcessPoolExecutor(3, mp_context=context) as executor:
            assert list(executor.map(in_worker, people, timeout=PATIENCE)) == ["0", "-1"] * 10
            with pytest.raises(idcard.ServiceError):
                executor.submit(fails_in_worker, sandbox.person("error:InternalError")).result()
    _client = None


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_client_does_not_travel_to_another_process(sandbox: Sandbox, method: str) -> None:
    context = multiprocessing.get_context(method)
    with sandbox.client() as client, pytest.raises(TypeError, match="one per process"):
        context.Process(target=print, args=(client,)).start()
    script = textwrap.dedent(
        f"""
        import multiprocessing, sys
        import idcard_verification as idcard

        def work(person):
            keys = idcard.Credentials("AKIDSANDBOX", "sandbox-secret-key")
            site = idcard.Site.INTERNATIONAL
            with idcard.Client(site, keys, endpoint={sandbox.url!r}) as client:
                return client.verify(*person).code

        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(2) as pool:
                people = [{sandbox.person("result:0")!r}, {sandbox.person("result:-1")!r}]
                assert pool.map(work, people) == ["0", "-1"]
        """
    )
    with script_file(script) as path:
        subprocess.run([sys.executable, path], check=True, timeout=60)


@contextmanager
def script_file(text: str) -> Iterator[str]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "script.py")
        path.write_text(text, "utf-8")
        yield str(path)


def test_a_prefork_server(sandbox: Sandbox) -> None:
    """The master makes and tries the client, as with gunicorn's --preload; its workers serve."""
    account = "AKIDSANDBOX-python-prefork"
    client = sandbox.client(account, **settings("http", sandbox))
    match, mismatch = sandbox.person("result:0"), sandbox.person("result:-1")
    assert client.verify(*match).code == "0"
    workers = []
    for index in range(4):
        person, code = (match, "0") if index % 2 else (mismatch, "-1")

        def serve(person: tuple[str, str] = person, code: str = code) -> int:
            with concurrent.futures.ThreadPoolExecutor(4) as threads:
                served = [threads.submit(client.verify, *person) for _ in range(20)]
                return sum(call.result().code != code for call in served)

        workers.append(fork(serve))
    assert [exit_code(worker) for worker in workers] == [0] * 4
    assert sandbox.charged(account) == 1 + 4 * 20


def test_stats_are_of_one_process(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        client.verify(*sandbox.person("result:0"))
        assert exit_code(fork(lambda: client.stats().calls)) == 0
        assert client.stats().calls == 1
