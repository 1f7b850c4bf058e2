"""What host code (a transport, a provider, a signer, a ledger) raises is the cause of the error
that its call ends with.

Only a number crosses to the library and back: the words of an exception may hold anything.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable
from typing import Any

_KEPT = 64
"""So many wait for their call's error at most; of more at once the oldest are forgotten."""
_numbers = itertools.count(1)
_raised: dict[int, BaseException] = {}
# What the library says of an exception, and nobody else.
_NUMBER = re.compile(r"(?<=it threw an exception) #(\d+)$")


def _keep(error: BaseException) -> str:
    number = next(_numbers)
    _raised[number] = error
    _raised.pop(number - _KEPT, None)
    return f"#{number}"


def _is_cancelled() -> bool:
    """Whether somebody cancels this task, and it has not done so itself."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def found(detail: str) -> tuple[str, BaseException | None]:
    """A detail without its number, and the exception that was kept under that."""
    number = _NUMBER.search(detail)
    if number is None:
        return detail, None
    # It holds on to whatever its frames had: of callers who shared a request, one has it.
    return detail[: number.start()], _raised.pop(int(number[1]), None)


def keep_what_hosts_raise(native: Any) -> None:
    """Calls host code as the bridge does, except that whatever is raised ends the call, and that
    alone, and is kept. The bridge prints it, and a `SystemExit` would leave the call waiting and
    end the loop of host code.
    """

    def call(
        make_call: Callable[[], Awaitable[Any]],
        out_dropped_callback: Any,
        handle_success: Callable[[Any], None],
        handle_error: Callable[[int, Any], None],
        error_type: type[Exception],
        lower_error: Callable[[Any], Any],
    ) -> None:
        status = native._UniffiRustCallStatus

        async def settle() -> None:
            try:
                try:
                    result = await make_call()
                except error_type as error:
                    handle_error(status.CALL_ERROR, lower_error(error))
                else:
                    handle_success(result)
            except BaseException as error:
                # Of a call that has ended nobody takes it, and it holds on to what its frames had.
                ended = isinstance(error, asyncio.CancelledError) and _is_cancelled()
                number = native._UniffiFfiConverterString.lower("" if ended else _keep(error))
                handle_error(status.CALL_UNEXPECTED_ERROR, number)

        loop = native._uniffi_get_event_loop()
        task = asyncio.run_coroutine_threadsafe(settle(), loop)
        handle = native._UNIFFI_FOREIGN_FUTURE_HANDLE_MAP.insert((loop, task))
        out_dropped_callback[0] = native._UniffiForeignFutureDroppedCallbackStruct(
            handle, native._uniffi_future_dropped_callback
        )

    # Of the bridge; a test sees when it calls this otherwise.
    assert native._uniffi_trait_interface_call_async_with_error
    native._uniffi_trait_interface_call_async_with_error = call
