"""Many people at a time lose nothing: whatever happens, what the sandbox has charged has been
handed out, by the iteration, in `rest` or on the exception.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

import idcard_verification as idcard
from idcard_verification.testing import Sandbox

WRONG_ROWS: list[Any] = [
    None,
    float("nan"),
    7,
    "",
    (),
    ("one",),
    ("a", "b", "c"),
    (None, "林小满"),
    ("001000199001010000", float("nan")),
    (1000199001010000, "林小满"),
    ("\ud800", "林小满"),
    ("1", "林小满"),
    b"ab",
]


class BrokenInput(Exception):
    """What an input raises in the middle."""


def charged(outcomes: list[idcard.Outcome]) -> int:
    return sum(o.answer is not None and o.answer.charge is idcard.Charge.CHARGED for o in outcomes)


def unknown(outcomes: list[idcard.Outcome]) -> int:
    costs = [o.answer or o.error for o in outcomes]
    return sum(c is not None and c.charge is idcard.Charge.UNKNOWN for c in costs)


def test_a_wrong_row_is_an_outcome(sandbox: Sandbox) -> None:
    good = sandbox.person("result:0")
    rows = [row for wrong in WRONG_ROWS for row in (good, wrong)]

    async def run() -> list[idcard.Outcome]:
        async with sandbox.async_client(single_flight=False) as client:
            return [outcome async for outcome in client.verify_many(rows, concurrency=4)]

    with sandbox.client(single_flight=False) as client:
        for outcomes in (list(client.verify_many(rows, concurrency=4)), asyncio.run(run())):
            assert [o.index for o in outcomes] == list(range(len(rows)))
            for row, outcome in zip(rows, outcomes, strict=True):
                assert outcome.person is row
                if row is good:
                    assert outcome.answer is not None
                else:
                    assert isinstance(outcome.error, idcard.InvalidInputError), row
                    assert outcome.error.charge is idcard.Charge.NOT_CHARGED


def test_a_closed_client_ends_calls_and_not_the_batch(sandbox: Sandbox) -> None:
    client = sandbox.client()
    outcomes = client.verify_many([sandbox.person("result:0")] * 8, concurrency=2)
    first = next(outcomes)
    client.close()
    rest = list(outcomes)
    assert first.answer is not None
    assert [o.index for o in rest] == list(range(1, 8))
    assert isinstance(rest[-1].error, idcard.ConfigurationError)


def test_what_nobody_took_is_warned_of(sandbox: Sandbox) -> None:
    with sandbox.client(single_flight=False) as client:
        outcomes = client.verify_many([sandbox.person("result:0")] * 8, concurrency=4)
        next(outcomes)
        time.sleep(0.3)  # Until all that may begin have.
        with pytest.warns(ResourceWarning, match="3 outcomes that nobody took; 3 of them charged"):
            del outcomes


def scene(seed: int, sandbox: Sandbox) -> tuple[list[Any], dict[str, Any]]:
    """Rows, some wrong and some that fail, and when the input or the consumer stops."""
    chance = random.Random(seed)
    keys = ["result:0", "result:-1", "result:-5", "error:InternalError", "fault:reset", "fault:502"]
    keys = [key for key in keys if key in sandbox.people()]
    rows: list[Any] = [
        chance.choice(WRONG_ROWS) if chance.random() < 0.15 else sandbox.person(chance.choice(keys))
        for _ in range(chance.randrange(1, 40))
    ]
    ends = {
        "breaks_at": chance.choice([None, chance.randrange(len(rows) + 1)]),
        "stops_at": chance.choice([None, chance.randrange(len(rows) + 1)]),
        "concurrency": chance.randrange(1, 9),
        "ordered": chance.random() < 0.5,
    }
    return rows, ends


def people(rows: list[Any], breaks_at: int | None) -> Iterator[Any]:
    for index, row in enumerate(rows):
        if index == breaks_at:
            raise BrokenInput
        yield row


def settled(sandbox: Sandbox, account: str, outcomes: list[idcard.Outcome]) -> None:
    assert len({o.index for o in outcomes}) == len(outcomes), "one was handed out twice"
    paid = sandbox.charged(account)
    # What is unknown may be charged or not, and nothing else may be missing.
    assert charged(outcomes) <= paid <= charged(outcomes) + unknown(outcomes)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_charged_is_handed_out(sandbox: Sandbox, seed: int) -> None:
    account = f"AKIDSANDBOX-python-batch-{seed}"
    rows, ends = scene(seed, sandbox)
    with sandbox.client(account, single_flight=False, requests_per_second=0) as client:
        outcomes = client.verify_many(
            people(rows, ends["breaks_at"]),
            concurrency=ends["concurrency"],
            ordered=ends["ordered"],
        )
        taken: list[idcard.Outcome] = []
        try:
            for outcome in outcomes:
                taken.append(outcome)
                if len(taken) == ends["stops_at"]:
                    break
        except BrokenInput:
            # Everything that had begun came before it.
            assert len(taken) == ends["breaks_at"]
        taken += outcomes.close()
    settled(sandbox, account, taken)


@pytest.mark.parametrize("seed", range(40, 80))
def test_what_is_charged_is_handed_out_async(sandbox: Sandbox, seed: int) -> None:
    account = f"AKIDSANDBOX-python-batch-{seed}"
    rows, ends = scene(seed, sandbox)
    taken: list[idcard.Outcome] = []

    async def run() -> None:
        settings: dict[str, Any] = {"single_flight": False, "requests_per_second": 0}
        async with sandbox.async_client(account, **settings) as client:
            outcomes = client.verify_many(
                people(rows, ends["breaks_at"]),
                concurrency=ends["concurrency"],
                ordered=ends["ordered"],
            )

            async def consume() -> None:
                async for outcome in outcomes:
                    taken.append(outcome)
                    if len(taken) == ends["stops_at"]:
                        if seed % 2:
                            asyncio.current_task().cancel()  # type: ignore[union-attr]
                        else:
                            break

            try:
                await asyncio.create_task(consume())
            except BrokenInput:
                assert len(taken) == ends["breaks_at"]
            except asyncio.CancelledError:
                pass
            taken.extend(await outcomes.aclose())

    asyncio.run(run())
    settled(sandbox, account, taken)
