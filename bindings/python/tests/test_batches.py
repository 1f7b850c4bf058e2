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
        # The first takes its time, in which all that may begin do, and are answered.
        people = [sandbox.person("fault:slow"), *[sandbox.person("result:0")] * 7]
        outcomes = client.verify_many(people, concurrency=4)
        next(outcomes)
        words = r"(\d) outcomes that nobody took; \1 of them charged"
        with pytest.warns(ResourceWarning, match=words):
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


def test_a_slow_input_holds_no_outcome_up(sandbox: Sandbox) -> None:
    person = sandbox.person("result:0")
    times: list[float] = []

    async def slowly() -> Any:
        for _ in range(3):
            yield person
            await asyncio.sleep(0.5)

    async def run() -> None:
        begun = time.monotonic()
        async with sandbox.async_client(single_flight=False) as client:
            async for _ in client.verify_many(slowly()):
                times.append(time.monotonic() - begun)

    asyncio.run(run())
    assert len(times) == 3 and times[0] < 0.4, times

    def slow() -> Iterator[tuple[str, str]]:
        for _ in range(3):
            yield person
            time.sleep(0.5)

    begun = time.monotonic()
    with sandbox.client(single_flight=False) as client:
        times = [time.monotonic() - begun for _ in client.verify_many(slow())]
    assert len(times) == 3 and times[0] < 0.9, times


def test_a_call_that_somebody_else_cancels_is_an_outcome(sandbox: Sandbox) -> None:
    people = [sandbox.person("fault:hang"), sandbox.person("result:0")]

    async def run() -> list[idcard.Outcome]:
        async with sandbox.async_client(timeout=5) as client:
            outcomes = client.verify_many(people, ordered=False)
            first = await anext(outcomes)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            return [first, *[outcome async for outcome in outcomes]]

    first, second = asyncio.run(run())
    assert (first.index, second.index) == (1, 0)
    assert isinstance(second.error, idcard.CallCancelledError)
    assert second.error.charge is idcard.Charge.UNKNOWN


def test_what_stops_the_body_of_the_loop_stops_the_calls(sandbox: Sandbox) -> None:
    people = [sandbox.person("result:0"), sandbox.person("fault:hang")]
    begun = time.monotonic()
    with (
        sandbox.client(timeout=8, single_flight=False) as client,
        pytest.raises(KeyboardInterrupt) as stopped,
        client.verify_many(people) as outcomes,
    ):
        for _ in outcomes:
            time.sleep(0.3)
            raise KeyboardInterrupt
    assert time.monotonic() - begun < 4
    [under_way] = stopped.value.outcomes  # type: ignore[attr-defined]
    assert under_way.index == 1 and under_way.error.charge is idcard.Charge.UNKNOWN


def test_a_client_of_ones_own_kind_has_batches(sandbox: Sandbox) -> None:
    class Named(idcard.Client):
        def verify(self, *args: Any, **options: Any) -> idcard.Verification:
            assert self.name == "mine"
            return super().verify(*args, **options)

    keys = idcard.Credentials("AKIDSANDBOX", "sandbox-secret-key")
    with Named(idcard.Site.INTERNATIONAL, keys, endpoint=sandbox.url) as client:
        client.name = "mine"  # type: ignore[attr-defined]
        [outcome] = client.verify_many([sandbox.person("result:0")])
        assert outcome.answer is not None
