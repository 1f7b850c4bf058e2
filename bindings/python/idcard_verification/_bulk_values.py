"""What is said of a file of people: plans, progress, reports, and how a run has ended."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar, cast

T = TypeVar("T")


class End(Enum):
    """How a run has ended. It can be resumed whatever it is."""

    COMPLETE = "complete"
    """Every row has been seen."""
    MAX_CHARGES = "max-charges"
    """The limit of charges is reached."""
    MAX_ERRORS = "max-errors"
    """Too many rows have failed, or are of unknown charge."""
    REFUSED = "refused"
    """What concerns every row was refused: account, keys, a permission, the clock, a setting."""
    INTERRUPTED = "interrupted"
    """Somebody stopped it."""
    JOURNAL = "journal"
    """The journal cannot be written."""
    INPUT_CHANGED = "input-changed"
    """The file is not what it was when the run began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would come to, before anything is sent."""

    rows: int
    """Rows that are not blank."""
    well_formed: int
    """Rows that could be asked."""
    malformed: int
    """Rows that are nobody's number and name."""
    damaged: int
    """Rows that a spreadsheet damaged."""
    duplicates: int
    """Well-formed rows that say the same as an earlier one."""
    answered: int
    """People who have an answer in the journal."""
    remembered: int
    """People whom an earlier journal knows."""
    unknown: int
    """People of unknown charge, who are not asked again unless that is said."""
    to_ask: int
    """People who would be asked."""
    charged: int
    """Charges so far, and those of unknown charge."""
    most_charges: int
    """Most charges that could come."""
    least_seconds: int
    """Least time that it takes at the quota of an account, 100 a second."""
    problems: Sequence[tuple[str, int, int]]
    """Kinds of problems, how many rows have each, and the line of the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """What the account pays."""

    charged: int
    """Requests that were charged."""
    unknown: int
    """Requests of unknown charge: the bill has at most so many more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come, in numbers alone."""

    rows: int
    """Rows of the file."""
    done: int
    """Rows that have been passed: answered, refused, skipped or failed."""
    in_flight: int
    """Calls under way."""
    asked: int
    """Calls of this run that have ended."""
    to_ask: int
    """People whom this run has still to ask, at most."""
    totals: Mapping[str, int]
    """`charged`, `unknown` and `open`: what the journal comes to, with earlier runs."""
    failed: int
    """Calls of this run that failed and were free."""
    parked: int
    """People whose attempts of the day are used up."""
    retries: int
    """Requests of this run that were repeated."""
    elapsed_seconds: float
    """Time since this run began."""
    rate: int
    """Calls a second, over the last seconds."""
    left_seconds: float | None
    """Time that is left at this rate."""
    waits: bool
    """Whether the run waits for midnight in Beijing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of all rows, in numbers alone. Each row is counted once."""

    rows: int
    """Rows of the file."""
    matches: int
    """The name and the number belong together."""
    mismatches: int
    """They do not."""
    inconclusive: int
    """The service could not tell."""
    duplicates: int
    """Rows that say the same as an earlier one, and were not asked."""
    malformed: int
    """Rows that are nobody's number and name."""
    damaged: int
    """Rows that a spreadsheet damaged."""
    failed: int
    """Rows that failed and were free; a resumed run asks again."""
    unknown: int
    """Rows of unknown charge."""
    elsewhere: int
    """Rows of unknown charge in an earlier journal; they are settled there."""
    settled: int
    """Rows that were of unknown charge and are settled by the bill; their answer is lost."""
    parked: int
    """Rows for whom the day's attempts are used up."""
    not_asked: int
    """Rows that have not been asked."""
    charges: Charges
    """What the account pays."""
    results: Mapping[str, int]
    """Rows by the result code that the service gave."""
    errors: Mapping[str, int]
    """Failed rows and rows of unknown charge by their error."""
    problems: Mapping[str, int]
    """Refused rows by what is wrong with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownRow:
    """A row of unknown charge, for the bill."""

    row: int
    """Which row, from 1."""
    id: str | None
    """Your own key of the row."""
    key: str
    """Names the person in the journal."""
    time: datetime
    """When it was asked, or its answer was lost."""
    request_id: str | None
    """By which the bill has it, where there was one."""
    error: str | None
    """The error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run."""

    end: End
    """How it ended."""
    detail: str | None
    """Why, where there is more to say."""
    report: Report
    """What came of all rows, with earlier runs."""
    progress: Progress
    """How far this run came."""
    unwritten: Sequence[str | None]
    """Request ids of calls that were answered, or may have been, and could not be written down: a
    resumed run has them as of unknown charge."""
    resume_after: datetime | None
    """When those whose attempts of the day are used up can be asked again."""


def made(kind: type[T], text: str) -> T:
    return of(kind, json.loads(text))


def of(kind: type[T], values: dict[str, Any]) -> T:
    fields = {field.name for field in dataclasses.fields(cast("Any", kind))}
    known = {name: value for name, value in values.items() if name in fields}
    if "charges" in known:
        known["charges"] = Charges(**known["charges"])
    if "problems" in known and kind is Plan:
        known["problems"] = tuple(
            (str(what), int(rows), int(line)) for what, rows, line in known["problems"]
        )
    if kind is UnknownRow:
        known["time"] = datetime.fromtimestamp(values["time"] / 1000, UTC)
    return kind(**known)
