"""The native library, made safe for what Python programs do to objects.

An object of the bridge holds a number that stands for memory of the library. A copy of the number
is no copy of what it stands for, and in another process it stands for nothing. So none of these
objects can be copied or pickled; what a program holds it may share between threads.
"""

from __future__ import annotations

import ctypes
import os
import threading
from types import ModuleType
from typing import Any, NoReturn

from ._host_errors import keep_what_hosts_raise

try:
    from ._native import idcard_verification as native
except OSError as error:
    raise ImportError(
        f"idcard-verification: the native library cannot be loaded: {error}"
    ) from error

__all__ = ["make_safe", "members", "native", "new_cancel_handle", "new_parked_call"]


# Constructors that the generator leaves without types.
_ParkedCall: Any = native.ParkedCall
_CancelHandle: Any = native.CancelHandle


def new_parked_call() -> native.ParkedCall:
    """A place for a call that is waited for piece by piece."""
    parked: native.ParkedCall = _ParkedCall()
    return parked


def new_cancel_handle() -> native.CancelHandle:
    """A handle that cancels calls."""
    handle: native.CancelHandle = _CancelHandle()
    return handle


def refuse(self: object, *_: object) -> NoReturn:
    """Instead of a copy or a pickle."""
    name = type(self).__name__
    raise TypeError(
        f"{name} cannot be copied or pickled: it is a part of this process. Share it between "
        f"threads, and make one per process."
    )


def _rebuild(kind: type[Exception], args: tuple[object, ...], fields: dict[str, Any]) -> Exception:
    made = kind.__new__(kind, *args)
    made.args = args
    vars(made).update(fields)
    return made


def reduce(self: Exception) -> tuple[Any, ...]:
    """How an error travels to another process: with its fields, and without its constructor."""
    return _rebuild, (type(self), self.args, vars(self).copy())


def members(of: object) -> dict[str, Any]:
    """The attributes of an object of the bridge, which has no types."""
    return dict(vars(of))


def _classes(module: ModuleType) -> list[type]:
    top = [value for value in vars(module).values() if isinstance(value, type)]
    nested = [value for kind in top for value in vars(kind).values() if isinstance(value, type)]
    return [kind for kind in [*top, *nested] if kind.__module__ == module.__name__]


def _guard(module: ModuleType) -> None:
    for kind in _classes(module):
        # Made by the generator for each object; a test sees when it calls this otherwise.
        if "_uniffi_clone_handle" in vars(kind):
            for name in ("__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__"):
                setattr(kind, name, refuse)
        elif issubclass(kind, Exception):
            kind.__reduce__ = reduce  # type: ignore[method-assign,assignment]


def _keep_lock(module: ModuleType) -> None:
    """Call what takes no time without giving Python's lock away. Each call of the library hands
    over some buffers and handles; with many threads, each would wait for its turn again each time.
    """
    usual: Any = module._UniffiLib
    quick = ctypes.PyDLL(usual._name)
    for name, function in members(usual).items():
        if "_rustbuffer_" in name or "_fn_clone_" in name:
            same = getattr(quick, name)
            same.argtypes, same.restype = function.argtypes, function.restype
            setattr(usual, name, same)


_safe: list[ModuleType] = []


def make_safe(module: ModuleType) -> None:
    """Make a module of the bridge safe, before anybody has an object of it."""
    _guard(module)
    _keep_lock(module)
    _safe.append(module)


def _after_fork() -> None:
    """Another thread may have held a lock of the bridge when it forked, and is not here."""
    for module in _safe:
        for value in vars(module).values():
            if isinstance(value, module._UniffiHandleMap):
                value._lock = threading.Lock()


make_safe(native)
keep_what_hosts_raise(native)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
