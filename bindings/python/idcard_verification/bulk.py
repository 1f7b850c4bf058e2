"""Files and frames of people: verified without losing, repeating or mispricing a row.

Everything that is asked, and what came of it, is written into a journal beside the file before the
next thing happens. So a run can be stopped or killed at any time and is resumed by calling the same
again: nobody is asked, and paid for, twice::

    from idcard_verification import Client, Site
    from idcard_verification.bulk import plan_file, verify_file

    print(plan_file("people.xlsx").most_charges)  # free, and needs no keys
    with Client.from_env(Site.INTERNATIONAL) as client:
        result = verify_file(client, "people.xlsx", output="verdicts.xlsx", max_charges=1000)
    print(result.report.matches, result.report.charges)

`Bulk` is the same with its steps apart. The command `idcard-verify bulk` uses the same engine and
the same journal.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._bulk_errors import (
    BulkError,
    InputFileError,
    JournalError,
    OutputFileError,
    StoppedError,
    translated,
)
from ._bulk_frames import COLUMNS, beside, column, plain
from ._bulk_settings import output_of, settings_of
from ._bulk_values import (
    Charges,
    End,
    Plan,
    Progress,
    Report,
    Result,
    UnknownRow,
    made,
    of,
)
from ._errors import translate_errors
from ._native import idcard_bulk as native_bulk

if TYPE_CHECKING:
    from typing import Unpack

    from ._bulk_settings import RowSettings, Settings
    from ._client import Client

__all__ = [
    "Bulk",
    "BulkError",
    "CallJournal",
    "Charges",
    "End",
    "InputFileError",
    "JournalError",
    "OutputFileError",
    "Plan",
    "Progress",
    "Report",
    "Result",
    "StoppedError",
    "UnknownRow",
    "plan_file",
    "purge",
    "report_file",
    "unknown_rows",
    "verify_file",
    "verify_frame",
]

Told = Callable[["Progress"], object]
_TURN = 0.1
"""Seconds between two looks at how far a run has come; a signal is handled in between."""


def plan_file(path: str | os.PathLike[str], **settings: Unpack[Settings]) -> Plan:
    """Say what a run would come to. It is free, needs no keys and writes nothing.

    Raises `BulkError` and `ValueError`.
    """
    given = settings_of(path, settings)
    return made(Plan, translated(lambda: native_bulk.plan_file(given)))


def report_file(
    path: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] | None = None,
    output_format: str | None = None,
    keep_columns: bool = False,
    bom: bool = False,
    overwrite: bool = False,
    **settings: Unpack[Settings],
) -> Report:
    """Make the report, and the output, again of the file and its journal: at any time, also while
    a run writes it. Nothing is sent, and no keys of the account are needed.

    Raises `BulkError` and `ValueError`.
    """
    given = settings_of(path, settings, keep_columns=keep_columns)
    written = output_of(output, output_format, bom, overwrite)
    return made(Report, translated(lambda: native_bulk.report_file(given, written)))


def unknown_rows(path: str | os.PathLike[str], **settings: Unpack[Settings]) -> list[UnknownRow]:
    """Rows of unknown charge, to be looked up in the bill. Raises `BulkError` and `ValueError`."""
    given = settings_of(path, settings)
    rows = json.loads(translated(lambda: native_bulk.unknown_rows(given)))
    return [of(UnknownRow, row) for row in rows]


def purge(path: str | os.PathLike[str], **settings: Unpack[Settings]) -> None:
    """Destroy the key of a file's journal: nobody can tell any more whom it is about.

    Raises `BulkError`.
    """
    given = settings_of(path, settings)
    translated(lambda: native_bulk.purge_file(given))


class Bulk:
    """A file of people and the journal of its verification: begun, or resumed if there is one.

    It belongs to one process, and holds the journal until it is closed.
    """

    def __init__(
        self,
        client: Client,
        path: str | os.PathLike[str],
        _rows: str | None = None,
        *,
        keep_columns: bool = False,
        **settings: Unpack[Settings],
    ) -> None:
        """Open the file and its journal, or begin one. Nothing is sent.

        `keep_columns`: whether outputs have the columns of the file too, and so people in them.
        Raises `BulkError`, and `ValueError` for a setting that cannot be used, or a client that
        calls back into Python.
        """
        if client._host is not None:
            raise ValueError(
                "a file is verified by a client without a transport, provider, signer or ledger of "
                "your own: they are called in an event loop, and a run has none"
            )
        given = settings_of(path, settings, keep_columns=keep_columns, rows=_rows)
        native_client = client._open()
        job: Any = native_bulk.BulkJob
        self._job: Any = translated(lambda: job.open(native_client, given))

    def outlook(self) -> Plan:
        """What a run from here would come to."""
        return made(Plan, translated(self._open().outlook))

    def run(self, *, progress: Told | None = None) -> Result:
        """Ask for everybody who has no answer yet, and wait for it.

        `progress` is called in this thread, ten times a second. Ctrl-C, and any other exception
        that a signal or `progress` raises, begins no further call and waits for those under way; a
        second one gives up on them. The exception then goes on, with the result as its `result`.
        """
        job = self._open()
        job.renew()
        ended: list[Any] = []
        # Not the end of the thread: a signal in the middle of `join` can take it for ended.
        over = threading.Event()

        def work() -> None:
            try:
                ended.append(translated(job.run))
            except BaseException as error:
                ended.append(error)
            over.set()

        worker = threading.Thread(target=work, name="idcard-bulk", daemon=True)
        stopped: list[BaseException] = []
        handled = 0
        while True:
            # A signal may come at any place: what it raises is kept, and handled in here.
            try:
                if worker.ident is None:
                    worker.start()
                while handled < len(stopped):
                    handled += 1
                    job.interrupt()
                while not over.wait(_TURN):
                    if progress is not None and not stopped:
                        progress(made(Progress, job.progress()))
                break
            except BaseException as error:
                stopped.append(error)
        if isinstance(ended[0], BaseException):
            raise ended[0]
        result = _result(job, ended[0])
        if stopped:
            first = stopped[0]
            first.result = result  # type: ignore[attr-defined]
            charges = result.report.charges
            first.add_note(
                f"idcard-verification: the run was stopped; so far {charges.charged} charged, "
                f"{charges.unknown} of unknown charge. Run it again to go on."
            )
            raise first
        if progress is not None:
            progress(result.progress)
        return result

    def report(
        self,
        output: str | os.PathLike[str] | None = None,
        *,
        output_format: str | None = None,
        bom: bool = False,
        overwrite: bool = False,
    ) -> Report:
        """Make the report, and the output: a row for each of the file, in its order.

        The output is CSV, JSON lines or a workbook, by its name or `output_format`; `bom` marks CSV
        for Excel. Raises `BulkError`.
        """
        written = output_of(output, output_format, bom, overwrite)
        return made(Report, translated(lambda: self._open().report(written)))

    def settle(self, charges: str | os.PathLike[str]) -> int:
        """Take what the bill says of rows of unknown charge: CSV with the columns `key` and
        `charged`, `yes` or `no`. Gives back how many were settled.

        Raises `BulkError` and `ValueError`.
        """
        settled: int = translated(lambda: self._open().settle(os.fspath(charges)))
        return settled

    def interrupt(self) -> None:
        """Stop a run from another thread: begin no further call, and wait for those under way. A
        second time: give up on them.
        """
        self._open().interrupt()

    def close(self) -> None:
        """Let go of the journal."""
        job, self._job = self._job, None
        if job is not None:
            job.close()

    def _open(self) -> Any:
        if self._job is None:
            raise ValueError("it is closed")
        return self._job

    def __enter__(self) -> Bulk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _result(job: Any, text: str) -> Result:
    said = json.loads(text)
    after = said["resume_after"]
    detail = said.get("error") or said.get("reason") or said.get("last")
    return Result(
        end=End(said["kind"]),
        detail=detail,
        report=made(Report, translated(lambda: job.report(None))),
        progress=of(Progress, said["progress"]),
        unwritten=tuple(said["unwritten"]),
        resume_after=None if after is None else datetime.fromtimestamp(after, UTC),
    )


def verify_file(
    client: Client,
    path: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] | None = None,
    output_format: str | None = None,
    keep_columns: bool = False,
    bom: bool = False,
    overwrite: bool = False,
    progress: Told | None = None,
    **settings: Unpack[Settings],
) -> Result:
    """Verify everybody in a file, or go on where a run was stopped, and write what came of each.

    See `Bulk`. Raises `BulkError`, and `ValueError` for a setting that cannot be used. How the run
    ended is told by `end`, not by an exception.
    """
    written = output_of(output, output_format, bom, overwrite)
    with Bulk(client, path, keep_columns=keep_columns, **settings) as bulk:
        if written is not None:
            # Before anything is paid for.
            checked: str = written
            translated(lambda: bulk._open().check_output(checked))
        result = bulk.run(progress=progress)
        if output is not None:
            bulk.report(output, output_format=output_format, bom=bom, overwrite=overwrite)
        return result


def verify_frame(
    client: Client,
    frame: Any,
    *,
    number: str,
    name: str,
    journal: str | os.PathLike[str],
    progress: Told | None = None,
    **settings: Unpack[RowSettings],
) -> Any:
    """Verify everybody in a frame of pandas or Polars, and give the frame back with what came of
    each row: `status`, `verdict`, `result`, `charge`, `request_id`, `attempts`, `problem`.

    Rows keep their order and their index. `number` and `name` are columns of text: a number that is
    no text has lost digits, and is refused. Call it again with the same frame and journal to go on.
    Raises `BulkError`, of it `StoppedError` for a run that did not see every row, and `ValueError`
    where a setting or a column cannot be used.
    """
    rows = list(zip(column(frame, number), column(frame, name), strict=True))
    if not rows:
        return beside(frame, {heading: [] for heading in COLUMNS})
    people = (
        {"ref": str(place), "id_number": plain(one), "name": plain(other)}
        for place, (one, other) in enumerate(rows)
    )
    lines = "".join(json.dumps(person) + "\n" for person in people)
    given: Settings = {**settings, "journal": journal, "format": "jsonl"}
    with (
        Bulk(client, journal, lines, **given) as bulk,
        tempfile.TemporaryDirectory(prefix=".idcard-", dir=Path(journal).absolute().parent) as own,
    ):
        result = bulk.run(progress=progress)
        written = Path(own, "out.jsonl")
        bulk.report(written)
        outcomes = [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()]
    columns = {heading: [outcome.get(heading) for outcome in outcomes] for heading in COLUMNS}
    done = beside(frame, columns)
    if result.end is not End.COMPLETE:
        raise StoppedError(result, done)
    return done


class CallJournal:
    """A journal of calls that belong to no file: whoever was charged is not asked again, and what
    is of unknown charge is refused, also after this process has ended. One process has it at a
    time, until it is closed.
    """

    def __init__(
        self,
        journal: str | os.PathLike[str],
        *,
        key: str | os.PathLike[str] | None = None,
        durability: str = "power",
    ) -> None:
        """Open the journal, or begin one. Its key is beside it, with `.key` behind its name, if it
        is not said. Raises `BulkError`, and `ValueError` for another durability.
        """
        path = os.fspath(journal)
        its_key = f"{path}.key" if key is None else os.fspath(key)
        opened: Any = native_bulk.CallJournal
        self._journal: Any = translated(lambda: opened.open(path, its_key, durability))

    def client(self, client: Client) -> Client:
        """The same client, whose calls are claimed here."""
        usual = client._open()
        return client._like(
            translate_errors(lambda: translated(lambda: self._journal.client(usual)))
        )

    def close(self) -> None:
        """Let go of the journal. The calls of its clients are refused from now on."""
        self._journal.close()

    def __enter__(self) -> CallJournal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
