"""A ledger: what was charged is asked once, what is open is not sent, what fails sends nothing."""

from __future__ import annotations

import asyncio
import copy
import multiprocessing
import os
import pickle
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from test_processes import exit_code, fork

import idcard_verification as idcard
from idcard_verification.testing import SECRET_ID, SECRET_KEY, Sandbox

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))
from sqlite_ledger import SqliteLedger  # noqa: E402

KEY = b"an invented key of a ledger"
FREE, CHARGED = idcard.Charge.NOT_CHARGED, idcard.Charge.CHARGED


def config(ledger: idcard.Ledger) -> idcard.LedgerConfig:
    return idcard.LedgerConfig(ledger=ledger, key=KEY)


class Noting(idcard.Ledger):
    """Says what it is told to, and notes what it was asked."""

    def __init__(self, claims: Any = None, settles: Any = None) -> None:
        self.claims = claims or idcard.ClaimState.MINE()
        self.settles = settles
        self.asked: list[Any] = []

    async def claim(self, claim: idcard.LedgerClaim) -> idcard.ClaimState:
        self.asked.append(claim)
        if isinstance(self.claims, BaseException):
            raise self.claims
        state: idcard.ClaimState = self.claims
        return state

    async def settle(self, claim: idcard.LedgerClaim, outcome: idcard.LedgerOutcome) -> None:
        self.asked.append((claim, outcome))
        if self.settles is not None:
            raise self.settles


def call(client: idcard.Client | idcard.AsyncClient, *given: Any, **options: Any) -> Any:
    answer = client.verify(*given, **options)
    return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer


FORMS = pytest.mark.parametrize("form", ["client", "async_client"])


@FORMS
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_what_was_charged_is_asked_once_whoever_asks(
    sandbox: Sandbox, form: str, kind: str, tmp_path: Path
) -> None:
    account = f"{SECRET_ID}-python-ledger-{form}-{kind}"
    ledger = idcard.MemoryLedger() if kind == "memory" else SqliteLedger(str(tmp_path / "calls"))
    person = sandbox.person("result:-1")
    first, second = (getattr(sandbox, form)(account, ledger=config(ledger)) for _ in range(2))
    paid = call(first, *person)
    assert (paid.charge, paid.attempts) == (CHARGED, 1)
    for options in ({}, {"fresh": True}):
        kept = call(second, *person, **options)
        assert (kept.charge, kept.attempts, kept.code) == (FREE, 0, "-1")
        assert kept.request_id == paid.request_id
        assert kept.origin is idcard.AnswerOrigin.REMEMBERED
    # What is free is asked again.
    for _ in range(2):
        assert call(first, *sandbox.person("result:-5")).attempts == 1
    assert sandbox.ledger(account)["charged"] == 1
    if isinstance(ledger, idcard.MemoryLedger):
        assert ledger.open_claims() == []
    first.close()
    second.close()


def test_an_open_claim_is_not_sent_until_somebody_says_what_became_of_it(sandbox: Sandbox) -> None:
    account = f"{SECRET_ID}-python-ledger-open"
    ledger = idcard.MemoryLedger()
    once = idcard.RetryPolicy(max_attempts=1)
    with sandbox.client(account, ledger=config(ledger), retry=once) as client:
        sandbox.set_account(account, next=["fault:reset"])
        person = sandbox.person("result:0")
        with pytest.raises(idcard.NetworkError) as lost:
            client.verify(*person)
        assert lost.value.charge is idcard.Charge.UNKNOWN
        with pytest.raises(idcard.NotClaimedError) as refused:
            client.verify(*person)
        error = refused.value
        assert error.problem is idcard.LedgerProblem.OPEN_CLAIM
        assert (error.detail, error.request_id) == (None, None)
        assert (error.charge, error.attempts) == (FREE, 0)
        assert error.retry is idcard.Retry.NEVER
        assert str(error) == "ledger: a call of the same is under way, or its charge is unknown"
        assert "Nothing was sent" in error.meaning
        assert client.stats().requests == 1
        [key] = ledger.open_claims()
        assert len(key) == 32 and person[0] not in key
        ledger.release(key)
        assert client.verify(*person).charge is CHARGED
        # What is settled is not released.
        ledger.release(key)
        assert client.verify(*person).origin is idcard.AnswerOrigin.REMEMBERED
        assert client.stats().requests == 2


class OfTheHost(Exception):
    """An exception of the application."""


@FORMS
@pytest.mark.parametrize(
    "raised",
    [OfTheHost("a canary"), SystemExit("a canary"), asyncio.CancelledError("a canary")],
    ids=lambda error: type(error).__name__,
)
def test_a_ledger_that_raises_lets_nothing_leave(
    sandbox: Sandbox, form: str, raised: BaseException, capfd: pytest.CaptureFixture[str]
) -> None:
    ledger = Noting(claims=raised)
    client = getattr(sandbox, form)(ledger=config(ledger))
    with pytest.raises(idcard.NotClaimedError) as caught:
        call(client, *sandbox.person("result:0"))
    error = caught.value
    assert error.__cause__ is raised
    assert error.problem is idcard.LedgerProblem.UNAVAILABLE
    assert error.detail == "it threw an exception"
    assert (error.charge, error.retry) == (FREE, idcard.Retry.BACKOFF)
    assert client.stats().requests == 0
    # It may have made the claim all the same.
    asked, (settled, outcome) = ledger.asked
    assert settled == asked and (outcome.charge, outcome.attempts) == (FREE, 0)
    for text in (str(error), *capfd.readouterr()):
        assert "canary" not in text and "#" not in text


def test_what_a_ledger_says_of_itself_is_told(sandbox: Sandbox) -> None:
    person = sandbox.person("result:0")
    for said, told in [
        (idcard.LedgerError.Unavailable("the disk is full"), "the disk is full"),
        (idcard.LedgerError.NotTheOwner(), "the claim is somebody else's"),
    ]:
        with sandbox.client(ledger=config(Noting(claims=said))) as client:
            with pytest.raises(idcard.NotClaimedError, match=f"not be asked: {told}") as caught:
                client.verify(*person)
            assert (caught.value.detail, caught.value.__cause__) == (told, None)
            assert client.stats().requests == 0
    # What is no state is none to go by.
    for nonsense in ("mine", 1, True):
        with sandbox.client(ledger=config(Noting(claims=nonsense))) as client:
            with pytest.raises(idcard.NotClaimedError) as caught:
                client.verify(*person)
            assert isinstance(caught.value.__cause__, AttributeError)
            assert client.stats().requests == 0


def test_a_ledger_that_calls_its_own_client_does_not_wait_for_itself(sandbox: Sandbox) -> None:
    class Asking(Noting):
        async def claim(self, claim: idcard.LedgerClaim) -> idcard.ClaimState:
            client.verify(*sandbox.person("result:-1"))
            return idcard.ClaimState.MINE()

    with sandbox.client(ledger=config(Asking())) as client:
        with pytest.raises(idcard.NotClaimedError) as caught:
            client.verify(*sandbox.person("result:0"))
        assert "use AsyncClient" in str(caught.value.__cause__)
        assert client.stats().requests == 0


@pytest.mark.parametrize(
    "settles", [OfTheHost("a canary"), idcard.LedgerError.Unavailable("the disk is full")]
)
def test_an_answer_that_the_ledger_does_not_take_is_the_callers(
    sandbox: Sandbox, settles: BaseException, capfd: pytest.CaptureFixture[str]
) -> None:
    ledger = Noting(settles=settles)
    with sandbox.client(ledger=config(ledger)) as client:
        answer = client.verify(*sandbox.person("result:0"))
    claim, (same, outcome) = ledger.asked
    assert claim == same
    assert outcome == idcard.LedgerOutcome(
        charge=CHARGED, result="0", error=None, request_id=answer.request_id, attempts=1
    )
    assert "canary" not in "".join(capfd.readouterr())


def test_an_answer_of_the_ledger_that_is_no_code_is_refused(sandbox: Sandbox) -> None:
    outcome = idcard.LedgerOutcome(
        charge=CHARGED, result=None, error="InternalError", request_id=None, attempts=1
    )
    ledger = Noting(claims=idcard.ClaimState.SETTLED(outcome))
    with sandbox.client(ledger=config(ledger)) as client:
        with pytest.raises(idcard.NotClaimedError) as caught:
            client.verify(*sandbox.person("result:0"))
        assert caught.value.problem is idcard.LedgerProblem.SETTLED
        assert client.stats().requests == 0


def test_many_are_claimed_in_a_ledger_of_their_own(sandbox: Sandbox) -> None:
    account = f"{SECRET_ID}-python-ledger-many"
    people = [sandbox.person(key) for key in ("result:0", "result:-1", "result:-5", "result:0")]
    ledger = idcard.MemoryLedger()

    def charges(outcomes: list[idcard.Outcome]) -> int:
        assert [(o.answer and o.answer.code) for o in outcomes] == ["0", "-1", "-5", "0"]
        return sum(o.answer is not None and o.answer.charge is CHARGED for o in outcomes)

    async def again() -> list[idcard.Outcome]:
        async with sandbox.async_client(account) as client:
            many = client.verify_many(people, ledger=config(ledger))
            return [outcome async for outcome in many]

    with sandbox.client(account) as client:
        assert charges(list(client.verify_many(people, concurrency=1, ledger=config(ledger)))) == 2
        assert charges(list(client.verify_many(people, ledger=config(ledger)))) == 0
        assert charges(asyncio.run(again())) == 0
        assert sandbox.charged(account) == 2
        # Those of the client have none.
        assert client.verify(*people[0]).charge is CHARGED
        with pytest.raises(idcard.ConfigurationError, match="less than 16 bytes"):
            client.verify_many(people, ledger=idcard.LedgerConfig(ledger=ledger, key=b"short"))
        many = client.verify_many(iter(people), concurrency=1, ledger=config(ledger))
    # It is closed as the client that it is of.
    outcome = next(many)
    assert isinstance(outcome.error, idcard.ConfigurationError)


@pytest.mark.parametrize("given", ["a ledger", object(), 7])
def test_what_is_no_ledger_is_a_configuration_error(sandbox: Sandbox, given: Any) -> None:
    for wrong in (given, idcard.LedgerConfig(ledger=given, key=KEY)):
        with pytest.raises(idcard.ConfigurationError):
            sandbox.client(ledger=wrong)
        with sandbox.client() as client, pytest.raises(idcard.ConfigurationError):
            client.verify_many([], ledger=wrong)
    for key in ("an invented key of a ledger", None, b"short"):
        wrong = idcard.LedgerConfig(ledger=idcard.MemoryLedger(), key=key)  # type: ignore[arg-type]
        with pytest.raises(idcard.ConfigurationError) as caught:
            sandbox.client(ledger=wrong)
        assert "invented" not in str(caught.value)


def test_a_setting_shows_no_key_and_does_not_travel() -> None:
    made = config(idcard.MemoryLedger())
    for shown in (repr(made), str(made)):
        assert "invented" not in shown and "redacted" in shown
    for value in (made, made.ledger):
        for copied in (copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))):
            with pytest.raises(TypeError, match="one per process"):
                copied(value)


def work(url: str, path: str, account: str, person: tuple[str, str]) -> list[str]:
    keys = idcard.Credentials(account, SECRET_KEY)
    ledger = config(SqliteLedger(path))
    told = []
    with idcard.Client(idcard.Site.INTERNATIONAL, keys, endpoint=url, ledger=ledger) as client:
        for _ in range(5):
            try:
                told.append(client.verify(*person).charge.name)
            except idcard.NotClaimedError as error:
                told.append(error.problem.name)
    return told


@pytest.mark.parametrize("key", ["result:0", "fault:slow"])
def test_processes_with_one_file_pay_once(sandbox: Sandbox, tmp_path: Path, key: str) -> None:
    account = f"{SECRET_ID}-python-ledger-processes-{key[:6]}"
    person = sandbox.person(key)
    given = (sandbox.url, str(tmp_path / "calls"), account, person)
    SqliteLedger(given[1])
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        told = [one for each in pool.starmap(work, [given] * 4) for one in each]
    assert sandbox.charged(account) == 1
    # Whoever comes while another's call is under way is refused.
    assert told.count("CHARGED") == 1
    assert set(told) <= {"CHARGED", "NOT_CHARGED", "OPEN_CLAIM"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_ledger_is_used_on_both_sides_of_a_fork(sandbox: Sandbox, tmp_path: Path) -> None:
    account = f"{SECRET_ID}-python-ledger-fork"
    person, other = sandbox.person("result:0"), sandbox.person("result:-1")
    ledger = config(SqliteLedger(str(tmp_path / "calls")))
    with sandbox.client(account, ledger=ledger, requests_per_second=0) as client:
        assert client.verify(*person).charge is CHARGED

        def child() -> int:
            charged = [client.verify(*one).charge is CHARGED for one in (person, other)]
            return 0 if charged == [False, True] else 1

        assert exit_code(fork(child)) == 0
        assert client.verify(*other).charge is FREE
    assert sandbox.charged(account) == 2


def test_a_killed_process_leaves_its_claim_open(sandbox: Sandbox, tmp_path: Path) -> None:
    path = str(tmp_path / "calls")
    ledger = config(SqliteLedger(path))
    person = sandbox.person("fault:hang")
    with sandbox.client(f"{SECRET_ID}-python-ledger-killed", ledger=ledger) as client:
        process = multiprocessing.get_context("spawn").Process(
            target=work, args=(sandbox.url, path, SECRET_ID, person)
        )
        process.start()
        opened: list[Any] = []
        while not opened:
            with sqlite3.connect(path) as db:
                opened = db.execute("SELECT key FROM calls WHERE outcome IS NULL").fetchall()
        process.kill()
        process.join()
        with pytest.raises(idcard.NotClaimedError) as caught:
            client.verify(*person)
        assert caught.value.problem is idcard.LedgerProblem.OPEN_CLAIM
        assert client.stats().requests == 0


def test_the_page_shows_the_example() -> None:
    example = (EXAMPLES / "sqlite_ledger.py").read_text("utf-8").split("\n\n\n", 1)[1]
    assert f"```python\n{example}```" in (EXAMPLES.parent / "README.md").read_text("utf-8")
