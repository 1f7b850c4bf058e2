"""Why a file of people cannot be verified."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ._bridge import make_safe
from ._native import idcard_bulk as native_bulk

if TYPE_CHECKING:
    from ._bulk_values import Result

T = TypeVar("T")

make_safe(native_bulk)


class BulkError(Exception):
    """A file cannot be verified. Nothing was sent that is not in the journal."""


class InputFileError(BulkError):
    """The file cannot be read, or it is not sure how."""


class JournalError(BulkError):
    """The journal or its key cannot be used, or it belongs to another file, site or account, or to
    other options.
    """


class OutputFileError(BulkError):
    """The output cannot be written."""


class StoppedError(BulkError):
    """A run over a frame did not see every row. The same call again goes on."""

    def __init__(self, result: Result, frame: Any) -> None:
        """Made by `verify_frame`."""
        why = "" if result.detail is None else f": {result.detail}"
        super().__init__(f"the run ended early, by {result.end.value}{why}")
        self.result = result
        """What came of the run."""
        self.frame = frame
        """The frame with what came of its rows so far."""


# The generator makes it of several classes.
_FAILURE: Any = native_bulk.BulkFailure
_KINDS: dict[str, type[Exception]] = {
    "Setting": ValueError,
    "Input": InputFileError,
    "Journal": JournalError,
    "Output": OutputFileError,
}


def translated(call: Callable[[], T]) -> T:
    """The native call, with its failures as exceptions of this module."""
    try:
        return call()
    except _FAILURE as error:
        failure: Any = error
        raised = _KINDS[type(failure).__name__](failure.detail)
    raise raised from None
