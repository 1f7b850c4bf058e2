"""Files and frames of people: nobody is paid for twice, whatever stops the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pandas
import polars
import pytest

import idcard_verification as idcard
from idcard_verification import bulk
from idcard_verification.testing import SECRET_ID, Sandbox

NAME = "林小满"


def number(person: int) -> str:
    """Somebody of the sandbox's crowd, who matches."""
    first = f"00900019900{1 + person // 28_000}{person // 1_000 % 28 + 1:02}{person % 1_000:03}"
    digit = idcard.expected_check_digit(first)
    assert digit is not None
    return first + digit


def people(path: Path, numbers: list[str], encoding: str = "utf-8") -> Path:
    lines = [f"A{row},{one},{NAME}" for row, one in enumerate(numbers)]
    path.write_text("\n".join(["工号,身份证号,姓名", *lines]) + "\n", encoding=encoding)
    return path


@pytest.fixture
def account(request: pytest.FixtureRequest) -> str:
    return f"{SECRET_ID}-{abs(hash(request.node.nodeid)) % 10**9}"


def client_of(sandbox: Sandbox, account: str, **settings: Any) -> idcard.Client:
    settings.setdefault("requests_per_second", 0)
    return sandbox.client(account, **settings)


def test_a_file_is_planned_verified_and_reported(
    sandbox: Sandbox, account: str, tmp_path: Path
) -> None:
    rows = [
        number(1),
        sandbox.person("result:-1")[0],
        "4.4E+17",
        "nobody",
        number(1),
        sandbox.person("fault:reset")[0],
    ]
    path = people(tmp_path / "名单.csv", rows, "gb18030")
    plan = bulk.plan_file(path)
    assert (plan.rows, plan.duplicates, plan.damaged, plan.malformed) == (6, 1, 1, 1)
    assert (plan.to_ask, plan.most_charges) == (3, 3)
    assert plan.problems[0][2] == 4
    assert not (tmp_path / "名单.csv.journal").exists()

    told: list[bulk.Progress] = []
    with client_of(sandbox, account) as client:
        result = bulk.verify_file(
            client, path, output=tmp_path / "out.csv", progress=told.append, max_errors=0
        )
        report = result.report
        assert result.end is bulk.End.COMPLETE
        assert (report.matches, report.mismatches, report.duplicates) == (1, 1, 1)
        assert report.charges == bulk.Charges(charged=2, unknown=1)
        assert (told[-1].asked, told[-1].done, told[-1].rows) == (3, 6, 6)
        rest = (tmp_path / "out.csv").read_text(encoding="utf-8")
        assert NAME not in rest and number(1) not in rest
        assert [line.split(",")[2] for line in rest.splitlines()[1:]] == [
            "answered",
            "answered",
            "damaged",
            "malformed",
            "duplicate",
            "unknown",
        ]
        # Once more asks nobody, and does not overwrite.
        for output in (tmp_path / "out.csv", tmp_path / "no" / "out.csv", path):
            with pytest.raises(bulk.OutputFileError):
                bulk.verify_file(client, path, output=output)
        for needed in (path, f"{path}.journal"):
            with pytest.raises(bulk.OutputFileError):
                bulk.verify_file(client, path, output=needed, overwrite=True)
        again = bulk.verify_file(client, path)
        assert (again.progress.asked, again.report) == (0, report)
    assert sandbox.charged(account) == 3
    assert bulk.report_file(path, output=tmp_path / "out.xlsx") == report
    (unknown,) = bulk.unknown_rows(path)
    assert (unknown.row, unknown.id) == (6, "A5")
    said = tmp_path / "bill.csv"
    said.write_text(f"key,charged\n{unknown.key},yes\n", encoding="utf-8")
    with client_of(sandbox, account) as client, bulk.Bulk(client, path) as run:
        assert run.settle(said) == 1
        assert run.report().charges == bulk.Charges(charged=3, unknown=0)
    bulk.purge(path)
    with pytest.raises(bulk.JournalError):
        bulk.report_file(path)


def test_what_cannot_be_is_refused(sandbox: Sandbox, account: str, tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv", [number(1)])
    with client_of(sandbox, account) as client:
        for settings in ({"format": "xls"}, {"durability": "never"}, {"encoding": "latin"}):
            with pytest.raises(ValueError, match="there is no"):
                bulk.Bulk(client, path, **settings)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="there is no setting"):
            bulk.Bulk(client, path, speed=9)  # type: ignore[call-arg]
        with pytest.raises(bulk.InputFileError):
            bulk.Bulk(client, tmp_path / "nothing.csv")
        with bulk.Bulk(client, path) as run:
            with pytest.raises(bulk.JournalError, match="another run writes"):
                bulk.Bulk(client, path)
            assert run.outlook().to_ask == 1
        with pytest.raises(ValueError, match="closed"):
            run.run()
        people(path, [number(2)])
        with pytest.raises(bulk.JournalError, match="the input has changed"):
            bulk.Bulk(client, path)
    ledger = idcard.LedgerConfig(ledger=idcard.MemoryLedger(), key=b"an invented key of a ledger")
    with client_of(sandbox, account, ledger=ledger) as client, pytest.raises(ValueError):
        bulk.Bulk(client, path)


def test_a_limit_of_charges_stops_and_a_higher_one_goes_on(
    sandbox: Sandbox, account: str, tmp_path: Path
) -> None:
    path = people(tmp_path / "people.csv", [number(row) for row in range(30)])
    with client_of(sandbox, account) as client:
        result = bulk.verify_file(client, path, max_charges=10)
        assert result.end is bulk.End.MAX_CHARGES
        assert sandbox.charged(account) == 10
        result = bulk.verify_file(client, path, max_charges=30)
        assert result.end is bulk.End.COMPLETE
    assert sandbox.charged(account) == 30


class Stop(Exception):
    """What a callback raises."""


def test_a_callback_that_raises_stops_the_run_gently(
    sandbox: Sandbox, account: str, tmp_path: Path
) -> None:
    path = people(tmp_path / "people.csv", [number(row) for row in range(400)])

    def told(progress: bulk.Progress) -> None:
        if progress.asked > 20:
            raise Stop

    with client_of(sandbox, account, requests_per_second=200) as client:
        with pytest.raises(Stop) as stopped:
            bulk.verify_file(client, path, progress=told)
        result: bulk.Result = stopped.value.result  # type: ignore[attr-defined]
        assert result.end is bulk.End.INTERRUPTED
        assert result.report.charges == bulk.Charges(charged=sandbox.charged(account), unknown=0)
        assert 20 < result.report.matches < 400
        assert bulk.verify_file(client, path).report.matches == 400
    assert sandbox.charged(account) == 400


SCRIPT = """
import sys
from idcard_verification import Client, Credentials, Site
from idcard_verification.bulk import verify_file

keys = Credentials(sys.argv[3], "sandbox-secret-key")
with Client(Site.INTERNATIONAL, keys, endpoint=sys.argv[2], requests_per_second=200) as client:
    try:
        verify_file(client, sys.argv[1], progress=lambda p: print(p.asked, flush=True))
    except KeyboardInterrupt as stopped:
        print(stopped.result.end.value, stopped.result.report.charges, *stopped.__notes__)
        raise SystemExit(130)
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_process_is_stopped_and_another_goes_on(
    sandbox: Sandbox, account: str, tmp_path: Path, sign: signal.Signals
) -> None:
    path = people(tmp_path / "people.csv", [number(row) for row in range(300)])
    script = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(path), sandbox.url, account]
    process = subprocess.Popen(script, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while int(process.stdout.readline()) < 20:
        pass
    os.kill(process.pid, sign)
    said, _ = process.communicate(timeout=30)
    if sign is signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted Charges(charged=" in said and "unknown=0" in said
    with client_of(sandbox, account) as client:
        result = bulk.verify_file(client, path)
    charges = result.report.charges
    assert result.report.matches + result.report.unknown == 300
    assert charges.charged <= sandbox.charged(account) <= charges.charged + charges.unknown
    assert sandbox.charged(account) <= 300


def test_a_frame_of_pandas_keeps_its_order_and_index(
    sandbox: Sandbox, account: str, tmp_path: Path
) -> None:
    other = sandbox.person("result:-1")[0]
    frame = pandas.DataFrame(
        {"who": [NAME, NAME, None, NAME], "id": [number(1), other, number(2), number(1)], "n": 1},
        index=["d", "c", "b", "a"],
    )
    with client_of(sandbox, account) as client:
        given = dict(number="id", name="who", journal=tmp_path / "j")
        done = bulk.verify_frame(client, frame, **given)
        assert list(done.index) == list(frame.index)
        assert list(done.columns[:3]) == ["who", "id", "n"] and "verdict" not in frame.columns
        assert list(done["verdict"]) == ["match", "mismatch", None, "match"]
        assert list(done["status"]) == ["answered", "answered", "malformed", "duplicate"]
        # Once more with the same journal asks nobody.
        assert bulk.verify_frame(client, done, **given)["verdict"].equals(done["verdict"])
        numbers = pandas.DataFrame({"who": [NAME], "id": [1.1e17]})
        with pytest.raises(bulk.JournalError):
            bulk.verify_frame(client, numbers, **given)
        given["journal"] = tmp_path / "k"
        damaged = bulk.verify_frame(client, numbers, **given)
        assert list(damaged["status"]) == ["damaged"]
        given["journal"] = tmp_path / "l"
        more = pandas.DataFrame({"who": [NAME] * 3, "id": [number(row) for row in (7, 8, 9)]})
        with pytest.raises(bulk.StoppedError, match="max-charges") as stopped:
            bulk.verify_frame(client, more, max_charges=1, **given)
        assert list(stopped.value.frame["status"]) == ["answered", "not-asked", "not-asked"]
        assert stopped.value.result.end is bulk.End.MAX_CHARGES
        empty = bulk.verify_frame(client, frame.head(0), **given)
        assert len(empty) == 0 and "verdict" in empty.columns
    assert sandbox.charged(account) == 3
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_frame_of_polars_keeps_its_order(sandbox: Sandbox, account: str, tmp_path: Path) -> None:
    frame = polars.DataFrame({"id": [number(2), None, number(1)], "who": [NAME, NAME, NAME]})
    with client_of(sandbox, account) as client:
        done = bulk.verify_frame(client, frame, number="id", name="who", journal=tmp_path / "j")
    assert done["verdict"].to_list() == ["match", None, "match"]
    assert done["attempts"].to_list() == [1, None, 1]
    assert done.columns[:2] == ["id", "who"]


def test_a_client_with_a_journal_pays_once_across_processes(
    sandbox: Sandbox, account: str, tmp_path: Path
) -> None:
    person, path = (number(1), NAME), tmp_path / "calls.journal"
    lost = sandbox.person("fault:reset")
    with client_of(sandbox, account) as client:
        with bulk.CallJournal(path) as journal:
            kept = journal.client(client)
            assert kept.verify(*person).charge is idcard.Charge.CHARGED
            assert kept.verify(*person).origin is idcard.AnswerOrigin.REMEMBERED
            with pytest.raises(idcard.NetworkError):
                kept.verify(*lost)
            with pytest.raises(bulk.JournalError, match="another run"):
                bulk.CallJournal(path)
        with pytest.raises(idcard.NotClaimedError, match="the journal is closed"):
            kept.verify(number(2), NAME)
        # As another process would.
        with bulk.CallJournal(path, durability="process") as journal:
            kept = journal.client(client)
            (outcome,) = kept.verify_many([person])
            assert outcome.answer is not None
            assert outcome.answer.charge is idcard.Charge.NOT_CHARGED
            with pytest.raises(idcard.NotClaimedError) as refused:
                kept.verify(*lost)
            assert refused.value.problem is idcard.LedgerProblem.OPEN_CLAIM
    assert sandbox.charged(account) == 2
    lines = path.read_text(encoding="utf-8")
    assert NAME not in lines and number(1) not in lines
    assert json.loads(lines.splitlines()[1].split(" ", 2)[2])["intent"]
