"""How a file of people is read and verified."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypedDict

    class RowSettings(TypedDict, total=False):
        """How rows are read and verified. Each setting has a default."""

        key: str | os.PathLike[str] | None
        """The key of the journal, without which nobody can tell whom it is about. Default: beside
        the journal, with `.key` behind its name."""
        format: str | None
        """`csv`, `tsv`, `jsonl` or `xlsx`. Default: as the file shows."""
        encoding: str | None
        """`utf-8`, `gb18030`, `big5`, `utf-16le` or `utf-16be`. Default: as the file shows."""
        delimiter: str | None
        """What separates the cells of CSV. Default: as the file shows."""
        number_column: str | None
        """The column of numbers: its heading, or its place from 1 as text. Default: by the usual
        headings, Chinese and English."""
        name_column: str | None
        """The column of names, likewise."""
        id_column: str | None
        """The column of your own key of a row, likewise; it is passed through."""
        sheet: str | None
        """The sheet of a workbook. Default: the first one that is visible."""
        normalize: bool
        """Whether numbers and names are mended before they are checked. Default: no."""
        allow_rounded: bool
        """Whether numbers that end in 000 are asked where a spreadsheet has rounded others.
        Default: no."""
        known: Sequence[str | os.PathLike[str]]
        """Journals of earlier runs: whom they have an answer for is not asked again."""
        max_charges: int | None
        """Most charges of the run with all its resumptions: charged, of unknown charge and under
        way, counted before each request. Default: no limit."""
        max_errors: int | None
        """Failed rows, and rows of unknown charge, after which the run stops; 0 for no limit.
        Default: 100."""
        retry_unknown: bool
        """Whether rows of unknown charge are asked again. **They may be paid twice.** Default:
        no."""
        wait: bool
        """Whether the run waits for midnight in Beijing when the day's attempts for somebody are
        used up. Default: it ends, and can be resumed then."""
        durability: str | None
        """What the journal survives: the end of the `process`, or of the machine (`power`).
        Default: `power`."""
        accept_clock: bool
        """Whether a journal is accepted that is later than this machine's clock. Default: no."""
        concurrency: int | None
        """Calls at a time. The client's rate limit applies too. Default: 100."""
        account: str | None
        """What names the account that pays, such as its SecretId: a run is resumed by the same one
        alone. It is kept as a keyed hash. Default: it is not compared."""

    class Settings(RowSettings, total=False):
        """How a file is read and verified. Each setting has a default."""

        journal: str | os.PathLike[str] | None
        """The journal. Default: beside the file, with `.journal` behind its name."""


_DEFAULTS: dict[str, Any] = {
    "rows": None,
    "journal": None,
    "key": None,
    "account": None,
    "format": None,
    "encoding": None,
    "delimiter": None,
    "number_column": None,
    "name_column": None,
    "id_column": None,
    "sheet": None,
    "normalize": False,
    "keep_columns": False,
    "allow_rounded": False,
    "known": (),
    "max_charges": None,
    "max_errors": None,
    "retry_unknown": False,
    "wait": False,
    "durability": None,
    "accept_clock": False,
    "concurrency": None,
}


def settings_of(path: str | os.PathLike[str], given: Settings, **more: object) -> str:
    unknown = [name for name in given if name not in _DEFAULTS or name in ("keep_columns", "rows")]
    if unknown:
        raise TypeError(f"there is no setting {unknown[0]!r}")
    settings: dict[str, Any] = {**_DEFAULTS, **given, **more, "input": os.fspath(path)}
    settings["known"] = [os.fspath(one) for one in settings["known"]]
    for name in ("journal", "key"):
        if settings[name] is not None:
            settings[name] = os.fspath(settings[name])
    return json.dumps(settings)


def output_of(
    path: str | os.PathLike[str] | None, kind: str | None, bom: bool, overwrite: bool
) -> str | None:
    if path is None:
        return None
    return json.dumps({"path": os.fspath(path), "format": kind, "bom": bom, "overwrite": overwrite})
