"""Frames of pandas and Polars, of which neither is needed."""

from __future__ import annotations

from typing import Any

COLUMNS = ("status", "verdict", "result", "charge", "request_id", "attempts", "problem")


def column(frame: Any, heading: str) -> list[Any]:
    if heading not in frame.columns:
        raise ValueError(f"there is no column {heading!r}")
    values: list[Any] = frame[heading].to_list()
    return values


def plain(value: object) -> object:
    """What JSON has for it: text, a number, or nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and value == value:
        return value
    # What is missing is something else in each library, and not equal to itself or not a bool.
    return None


def beside(frame: Any, columns: dict[str, list[Any]]) -> Any:
    """The frame with columns beside its own; of those that it has already, the new ones win."""
    if hasattr(frame, "with_columns"):
        import polars

        kinds = {"attempts": polars.Int64}
        made = [
            polars.Series(name, values, dtype=kinds.get(name, polars.String))
            for name, values in columns.items()
        ]
        return frame.with_columns(made)
    return frame.assign(**{name: _series(frame, values) for name, values in columns.items()})


def _series(frame: Any, values: list[Any]) -> Any:
    """Values with the frame's index: by its own constructor, so that none is looked up."""
    kind: Any = frame._constructor_sliced
    return kind(values, index=frame.index, dtype="object")
