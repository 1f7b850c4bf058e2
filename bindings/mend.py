#!/usr/bin/env python3
"""Mends what UniFFI's generated Kotlin and Swift do at the edges of a language.

    mend.py kotlin|swift FILE...

Each mend replaces a passage that must be there as often as it says, so that a new version of UniFFI
that writes it otherwise, or that has mended it itself, is noticed and not silently missed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

# Why, how often (0 for at least once), what, and what instead.
Mend = tuple[str, int, str, str]

KOTLIN: list[Mend] = [
    (
        "A closed object that is handed over as an argument, in a record or as an answer would be a "
        "use after free: its handle is cloned under the same guard as for a call.",
        0,
        "            return block(this.uniffiCloneHandle())\n",
        "            return block(this.uniffiCloneHeldHandle())\n",
    ),
    (
        "The same.",
        0,
        "    fun uniffiCloneHandle(): Long {\n",
        "    fun uniffiCloneHandle(): Long = callWithHandle { it }\n\n"
        "    /** Of an object that is held by `callWithHandle`. */\n"
        "    private fun uniffiCloneHeldHandle(): Long {\n",
    ),
    (
        "An Error of the host's code (TODO(), OutOfMemoryError) would end the thread and leave the "
        "call waiting. It is told as an exception is, and so is an answer that cannot be handed over.",
        2,
        "            makeCall()\n        } catch(e: kotlin.Exception) {\n",
        "            makeCall()\n        } catch(e: kotlin.Throwable) {\n",
    ),
    (
        "The same.",
        2,
        "        handleSuccess(callResult)\n    }\n",
        "        try {\n"
        "            handleSuccess(callResult)\n"
        "        } catch(e: kotlin.Throwable) {\n"
        "            handleError(\n"
        "                UniffiRustCallStatus.create(\n"
        "                    UNIFFI_CALL_UNEXPECTED_ERROR,\n"
        "                    FfiConverterString.lower(e.toString()),\n"
        "                )\n"
        "            )\n"
        "        }\n"
        "    }\n",
    ),
    (
        "Host code that blocks would hold up whatever else the app does on Dispatchers.Default.",
        2,
        "GlobalScope.launch coroutineBlock@ {\n",
        "GlobalScope.launch(kotlinx.coroutines.Dispatchers.IO) coroutineBlock@ {\n",
    ),
    (
        "A coroutine without a dispatcher would go on on the one thread that serves the connections of "
        "all calls, and hold them up.",
        1,
        "        uniffiContinuationHandleMap.remove(data).resume(pollResult)\n",
        "        val continuation = uniffiContinuationHandleMap.remove(data)\n"
        "        val dispatcher = continuation.context[kotlin.coroutines.ContinuationInterceptor]\n"
        "        if (dispatcher == null || dispatcher === kotlinx.coroutines.Dispatchers.Unconfined) {\n"
        "            val elsewhere = kotlinx.coroutines.Dispatchers.Default\n"
        "            elsewhere.dispatch(elsewhere) { continuation.resume(pollResult) }\n"
        "        } else {\n"
        "            continuation.resume(pollResult)\n"
        "        }\n",
    ),
    (
        "A time that cannot be is the library's to refuse, as a Configuration error: it arrives as the "
        "longest there is.",
        1,
        "        if (value.seconds < 0) {\n"
        "            // Rust does not support negative Durations\n"
        '            throw IllegalArgumentException("Invalid duration, must be non-negative")\n'
        "        }\n",
        "        if (value.seconds < 0) {\n"
        "            buf.putLong(-1)\n"
        "            buf.putInt(0)\n"
        "            return\n"
        "        }\n",
    ),
    (
        "Half of a pair of surrogates has no UTF-8. It arrives as U+FFFD, which the library refuses as "
        "InvalidInput, and not as an exception that nobody expects.",
        1,
        "            onMalformedInput(CodingErrorAction.REPORT)\n",
        "            onMalformedInput(CodingErrorAction.REPLACE)\n"
        '            replaceWith("\\uFFFD".toByteArray(Charsets.UTF_8))\n',
    ),
]

# Of the library alone, and not of the tools.
KOTLIN_CALLS: list[Mend] = [
    (
        "Whoever cancels a coroutine shall learn what its call may have cost.",
        1,
        "    } finally {\n        freeFunc(rustFuture)\n    }\n",
        "    } catch (stopped: kotlinx.coroutines.CancellationException) {\n"
        "        // Freed first: that is what ends the call.\n"
        "        freeFunc(rustFuture)\n"
        "        isFreed = true\n"
        "        CallProgress.ofAbandoned().use { abandoned ->\n"
        "            val charge = abandoned.charge()\n"
        "            val sent = charge != Charge.NOT_CHARGED\n"
        "            val told = IdCardException.Cancelled(sent, charge, abandoned.attempts())\n"
        "            // Coroutines hand on copies, whose cause is the original.\n"
        "            generateSequence<Throwable>(stopped) { it.cause }.forEach { it.addSuppressed(told) }\n"
        "        }\n"
        "        throw stopped\n"
        "    } finally {\n"
        "        if (!isFreed) freeFunc(rustFuture)\n"
        "    }\n",
    ),
    (
        "The same.",
        1,
        "): T {\n    try {\n        do {\n            val pollResult = suspendCancellableCoroutine<Byte>",
        "): T {\n    var isFreed = false\n    try {\n        do {\n"
        "            val pollResult = suspendCancellableCoroutine<Byte>",
    ),
]

SWIFT: list[Mend] = [
    (
        "A time that cannot be would end the app. It is the library's to refuse, as a Configuration "
        "error: it arrives as the longest there is.",
        1,
        "        if value.rounded(.down) > Double(Int64.max) {\n"
        '            fatalError("Duration overflow, exceeds max bounds supported by Uniffi")\n'
        "        }\n\n"
        "        if value < 0 {\n"
        '            fatalError("Invalid duration, must be non-negative")\n'
        "        }\n",
        "        guard value >= 0, value < Double(Int64.max) else {\n"
        "            writeInt(&buf, UInt64.max)\n"
        "            writeInt(&buf, UInt32(0))\n"
        "            return\n"
        "        }\n",
    ),
    (
        "Cancelling a task reaches the call: before it begins nothing is sent, during it the call ends "
        "at once, and the error says what it may have cost.",
        1,
        "    freeFunc: (UInt64) -> (),\n    liftFunc: (F) throws -> T,\n",
        "    freeFunc: (UInt64) -> (),\n"
        "    cancelFunc: @escaping @Sendable (UInt64) -> (),\n"
        "    liftFunc: (F) throws -> T,\n",
    ),
    (
        "The same.",
        1,
        "    let rustFuture = rustFutureFunc()\n"
        "    defer {\n"
        "        freeFunc(rustFuture)\n"
        "    }\n"
        "    var pollResult: Int8;\n"
        "    repeat {\n"
        "        pollResult = await withUnsafeContinuation {\n"
        "            pollFunc(\n"
        "                rustFuture,\n"
        "                { handle, pollResult in\n"
        "                    uniffiFutureContinuationCallback(handle: handle, pollResult: pollResult)\n"
        "                },\n"
        "                uniffiContinuationHandleMap.insert(obj: $0)\n"
        "            )\n"
        "        }\n"
        "    } while pollResult != UNIFFI_RUST_FUTURE_POLL_READY\n\n"
        "    return try liftFunc(makeRustCall(\n"
        "        { completeFunc(rustFuture, $0) },\n"
        "        errorHandler: errorHandler\n"
        "    ))\n",
        "    let rustFuture = rustFutureFunc()\n"
        "    var isFreed = false\n"
        "    defer {\n"
        "        if !isFreed { freeFunc(rustFuture) }\n"
        "    }\n"
        "    await withTaskCancellationHandler {\n"
        "        var pollResult: Int8\n"
        "        repeat {\n"
        "            pollResult = await withUnsafeContinuation {\n"
        "                pollFunc(\n"
        "                    rustFuture,\n"
        "                    { handle, pollResult in\n"
        "                        uniffiFutureContinuationCallback(handle: handle, pollResult: pollResult)\n"
        "                    },\n"
        "                    uniffiContinuationHandleMap.insert(obj: $0)\n"
        "                )\n"
        "            }\n"
        "        } while pollResult != UNIFFI_RUST_FUTURE_POLL_READY\n"
        "    } onCancel: {\n"
        "        cancelFunc(rustFuture)\n"
        "    }\n"
        "    do {\n"
        "        return try liftFunc(makeRustCall(\n"
        "            { completeFunc(rustFuture, $0) },\n"
        "            errorHandler: errorHandler\n"
        "        ))\n"
        "    } catch is UniffiCallCancelled {\n"
        "        // Freed first: that is what ends the call.\n"
        "        freeFunc(rustFuture)\n"
        "        isFreed = true\n"
        "        let abandoned = CallProgress.ofAbandoned()\n"
        "        let charge = abandoned.charge()\n"
        "        throw IdCardError.Cancelled(\n"
        "            sent: charge != .notCharged, charge: charge, attempts: abandoned.attempts())\n"
        "    }\n",
    ),
    (
        "The same.",
        1,
        '            fatalError("Cancellation not supported yet")\n',
        "            throw UniffiCallCancelled()\n",
    ),
    (
        "The same.",
        1,
        "fileprivate let CALL_CANCELLED: Int8 = 3\n",
        "fileprivate let CALL_CANCELLED: Int8 = 3\n\nfileprivate struct UniffiCallCancelled: Swift.Error {}\n",
    ),
]

# Why, what as a pattern, and what instead.
SWIFT_PATTERNS = [
    (
        "The same: each asynchronous call names the function that cancels it.",
        r"( +)freeFunc: (\w+)_rust_future_free_(\w+),\n",
        r"\1freeFunc: \2_rust_future_free_\3,\n\1cancelFunc: \2_rust_future_cancel_\3,\n",
    ),
    (
        "What blocks a thread is not for asynchronous code.",
        r"\nopen func (\w+(?:Blocking|InPieces))\(",
        r"\n@available(*, noasync)\nopen func \1(",
    ),
]


def mended(text: str, mends: list[Mend], file: Path) -> str:
    for why, times, old, new in mends:
        count = text.count(old)
        if count == 0 or times not in (0, count):
            raise SystemExit(f"{file}: {count} passages to mend, not {times or 'any'}: {why}\n{old}")
        text = text.replace(old, new)
    return text


def main() -> None:
    language, *files = sys.argv[1:]
    for file in map(Path, files):
        text = file.read_text("utf-8")
        is_library = "class Client" in text
        if language == "swift":
            mends = SWIFT if is_library else []
        else:
            mends = [*KOTLIN, *KOTLIN_CALLS] if is_library else mends_of_tools(text)
        text = mended(text, mends, file)
        if language == "swift" and is_library:
            for why, pattern, new in SWIFT_PATTERNS:
                text, count = re.subn(pattern, new, text)
                if count == 0:
                    raise SystemExit(f"{file}: nothing to mend: {why}")
        if language == "kotlin" and text.count("fun uniffiCloneHandle()") != text.count(
            "private fun uniffiCloneHeldHandle()"
        ):
            raise SystemExit(f"{file}: an object clones its handle in a way of its own")
        file.write_text(text, "utf-8")


def mends_of_tools(text: str) -> list[Mend]:
    """The mends of whatever the smaller module has a use for."""
    return [mend for mend in KOTLIN if mend[2] in text]


if __name__ == "__main__":
    main()
