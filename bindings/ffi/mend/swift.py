"""The mends of the generated Swift."""

from __future__ import annotations

from passages import Mend, Passage, Pattern
from swift_records import RECORDS

TOOLS: list[Mend] = [
    Mend(
        "The machinery between the languages is nobody's to complete.",
        Pattern(r"\npublic struct FfiConverter", r"\nstruct FfiConverter"),
        Pattern(r"\npublic func (FfiConverter|uniffi)", r"\nfunc \1"),
        Pattern(r"\nopen class (\w+Impl): ", r"\nclass \1: "),
    ),
]

LIBRARY: list[Mend] = [
    *TOOLS,
    Mend(
        "A time that cannot be would end the app. It is the library's to refuse, as a "
        "Configuration error: it arrives as the longest there is.",
        Passage(
            "        if value.rounded(.down) > Double(Int64.max) {\n"
            '            fatalError("Duration overflow, exceeds max bounds supported by Uniffi")\n'
            "        }\n"
            "\n"
            "        if value < 0 {\n"
            '            fatalError("Invalid duration, must be non-negative")\n'
            "        }\n",
            "        guard value >= 0, value < Double(Int64.max) else {\n"
            "            writeInt(&buf, UInt64.max)\n"
            "            writeInt(&buf, UInt32(0))\n"
            "            return\n"
            "        }\n",
        ),
    ),
    Mend(
        "Cancelling a task reaches the call: before it begins nothing is sent, during it the "
        "call ends at once, and the error says what it may have cost.",
        Passage(
            "    freeFunc: (UInt64) -> (),\n"
            "    liftFunc: (F) throws -> T,\n",
            "    freeFunc: (UInt64) -> (),\n"
            "    cancelFunc: @escaping @Sendable (UInt64) -> (),\n"
            "    liftFunc: (F) throws -> T,\n",
        ),
        Passage(
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
            "    } while pollResult != UNIFFI_RUST_FUTURE_POLL_READY\n"
            "\n"
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
        Passage(
            '            fatalError("Cancellation not supported yet")\n',
            "            throw UniffiCallCancelled()\n",
        ),
        Passage(
            "fileprivate let CALL_CANCELLED: Int8 = 3\n",
            "fileprivate let CALL_CANCELLED: Int8 = 3\n"
            "\n"
            "fileprivate struct UniffiCallCancelled: Swift.Error {}\n",
        ),
    ),
    Mend(
        "Each asynchronous call names the function that cancels it.",
        Pattern(
            r"( +)freeFunc: (\w+)_rust_future_free_(\w+),\n",
            r"\1freeFunc: \2_rust_future_free_\3,\n\1cancelFunc: \2_rust_future_cancel_\3,\n",
        ),
    ),
    Mend(
        "What blocks a thread is not for asynchronous code.",
        Pattern(r"\nopen func (\w+Blocking)\(", r"\n@available(*, noasync)\nopen func \1("),
    ),
    Mend(
        "Swift has no interrupts that would end a blocking call, and no use for what sees them.",
        Pattern(
            r"    /\*\*\n     \* Waits for `\w+` on the calling thread .*\n     \*/\n"
            r"    func \w+InPieces\(.*\n    \n",
            "",
        ),
        Pattern(
            r"    /\*\*\n     \* Waits for `\w+` on the calling thread .*\n     \*/\n"
            r"open func \w+InPieces\((?:.*\n)+?\}\n    \n",
            "",
        ),
        Pattern(
            r"/\*\*\n \* Holds a blocking call .*\n \*/\npublic protocol ParkedCallProtocol"
            r"(?:.*\n)+?func FfiConverterTypeParkedCall_lower(?:.*\n)+?\}\n",
            "",
            times=1,
        ),
        Pattern(
            r"    /\*\*\n(?:     \*.*\n)+?     \*/\npublic static func ofLatest\((?:.*\n)+?\}\n    \n",
            "",
            times=1,
        ),
        Passage("public static func ofAbandoned(", "static func ofAbandoned("),
    ),
    Mend(
        "What an error says is one line of English, whoever asks for it.",
        Pattern(
            r"(enum IdCardError: (?:.*\n)*?    public var errorDescription: String\? \{\n)"
            r"        String\(reflecting: self\)",
            r"\1        describeError(error: self)",
            times=1,
        ),
    ),
    Mend(
        "What every error knows is a property of it.",
        Pattern(
            r"\npublic func (chargeOfError|describeError|meaningOfError|retryOfError)\(",
            r"\nfunc \1(",
            times=4,
        ),
    ),
    RECORDS,
]
