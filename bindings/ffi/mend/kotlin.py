"""The mends of the generated Kotlin."""

from __future__ import annotations

import re

from kotlin_java import ERRORS, HIDDEN, JAVA, OVERLOADS
from kotlin_numbers import LITERALS, LONGS, NUMBERS
from kotlin_records import PROBLEMS, RECORDS
from passages import ANY, Mend, Passage, Pattern

TOOLS: list[Mend] = [
    Mend(
        "A closed object that is handed over as an argument, in a record or as an answer would "
        "be a use after free: its handle is cloned under the same guard as for a call.",
        Passage(
            "    internal inline fun <R> callWithHandle(block: (handle: Long) -> R): R {\n",
            "    internal inline fun <R> callWithHandle(block: (handle: Long) -> R): R =\n"
            "        uniffiHeld { block(uniffiCloneHeldHandle()) }\n"
            "\n"
            "    /** Keeps the object alive until the block ends. */\n"
            "    internal inline fun <R> uniffiHeld(block: () -> R): R {\n",
            times=ANY,
        ),
        Passage(
            "            return block(this.uniffiCloneHandle())\n",
            "            return block()\n",
            times=ANY,
        ),
        Passage(
            "    fun uniffiCloneHandle(): Long {\n",
            "    fun uniffiCloneHandle(): Long = callWithHandle { it }\n"
            "\n"
            "    /** Of an object that is held. */\n"
            "    private fun uniffiCloneHeldHandle(): Long {\n",
            times=ANY,
        ),
    ),
    Mend(
        "An Error of the host's code (TODO(), OutOfMemoryError) would end the thread and leave "
        "the call waiting. It is told as an exception is, and so is an answer that cannot be "
        "handed over.",
        Passage(
            "            makeCall()\n"
            "        } catch(e: kotlin.Exception) {\n",
            "            makeCall()\n"
            "        } catch(e: kotlin.Throwable) {\n",
            times=2,
        ),
        Passage(
            "        handleSuccess(callResult)\n"
            "    }\n",
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
            times=2,
        ),
    ),
    Mend(
        "Host code that blocks would hold up whatever else the app does on Dispatchers.Default.",
        Passage(
            "GlobalScope.launch coroutineBlock@ {\n",
            "GlobalScope.launch(kotlinx.coroutines.Dispatchers.IO) coroutineBlock@ {\n",
            times=2,
        ),
    ),
    Mend(
        "A coroutine without a dispatcher would go on on the one thread that serves the "
        "connections of all calls, and hold them up.",
        Passage(
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
    ),
    Mend(
        "A structure that reports on a call takes longer to make than the call: each thread keeps its "
        "own. One that reported an error is not used again.",
        Passage(
            "    var status = UniffiRustCallStatus()\n"
            "    val return_value = callback(status)\n"
            "    uniffiCheckCallStatus(errorHandler, status)\n"
            "    return return_value\n",
            "    val statuses = uniffiStatuses.get()!!\n"
            "    val status = statuses.removeLastOrNull() ?: UniffiRustCallStatus()\n"
            "    val return_value = callback(status)\n"
            "    uniffiCheckCallStatus(errorHandler, status)\n"
            "    statuses.addLast(status)\n"
            "    return return_value\n",
        ),
        Passage(
            "class InternalException(",
            "private val uniffiStatuses =\n"
            "    object : ThreadLocal<ArrayDeque<UniffiRustCallStatus>>() {\n"
            "        override fun initialValue() = ArrayDeque<UniffiRustCallStatus>()\n"
            "    }\n\n"
            "class InternalException(",
        ),
    ),
    Mend(
        "The thread that serves the connections would be attached to the virtual machine and detached "
        "again for each answer, which takes longer than a call, and on exit says that it could not.",
        Passage(
            "internal object uniffiRustFutureContinuationCallbackImpl: "
            "UniffiRustFutureContinuationCallback {\n",
            "internal object uniffiRustFutureContinuationCallbackImpl: "
            "UniffiRustFutureContinuationCallback {\n"
            "    init {\n"
            "        val stays = com.sun.jna.CallbackThreadInitializer(true, false, \"idcard-verify\")\n"
            "        Native.setCallbackThreadInitializer(this, stays)\n"
            "    }\n"
            "\n",
        ),
    ),
    Mend(
        "A time that cannot be is the library's to refuse, as a Configuration error: it arrives "
        "as the longest there is.",
        Passage(
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
    ),
    Mend(
        "Half of a pair of surrogates has no UTF-8. It arrives as U+FFFD, which the library "
        "refuses as InvalidInput, and not as an exception that nobody expects.",
        Passage(
            "            onMalformedInput(CodingErrorAction.REPORT)\n",
            "            onMalformedInput(CodingErrorAction.REPLACE)\n"
            '            replaceWith("\\uFFFD".toByteArray(Charsets.UTF_8))\n',
        ),
    ),
    NUMBERS,
    LONGS,
    OVERLOADS,
    HIDDEN,
]



def _names(parameters: str) -> list[str]:
    return re.findall(r"`(\w+)`: ", parameters)


def _blocking(found: re.Match[str]) -> str:
    method, required, optional, answer = found.groups()
    # A parameter may be called `it`.
    first = "".join(f"`{name}`, " for name in _names(required)) + "uniffiParked, PIECE_MS"
    rest = "".join(f", `{name}`" for name in ["options", *_names(optional)])
    return (
        "    @Throws(IdCardException::class, InterruptedException::class)\n"
        f"    override fun `{method}Blocking`({required}`options`: CallOptions?{optional}): {answer} =\n"
        "        uniffiHeld {\n"
        "            interruptibly(\n"
        f"                {{ uniffiParked -> `{method}InPieces`({first}{rest}) }},\n"
        f"                {{ uniffiParked -> `{method}InPieces`({first}) }},\n"
        "            )\n"
        "        }\n"
    )


def _in_pieces(found: re.Match[str]) -> str:
    method, required, optional = found.groups()
    with_defaults = re.sub(r"\?(?=,|$)", "? = null", optional)
    return (
        "    @Throws(IdCardException::class)\n"
        f"    internal fun `{method}InPieces`({required}{with_defaults})"
    )


LIBRARY: list[Mend] = [
    *TOOLS,
    Mend(
        "Whoever cancels a coroutine shall learn what its call may have cost.",
        Passage(
            "    } finally {\n"
            "        freeFunc(rustFuture)\n"
            "    }\n",
            "    } catch (stopped: kotlinx.coroutines.CancellationException) {\n"
            "        // An answer that is there is paid, and not thrown away. Otherwise this is what ends the call.\n"
            "        val status = UniffiRustCallStatus()\n"
            "        val completed = completeFunc(rustFuture, status)\n"
            "        if (status.isSuccess()) return liftFunc(completed)\n"
            "        if (status.isError() || status.isPanic()) {\n"
            "            val failed: Throwable =\n"
            "                if (status.isError()) errorHandler.lift(status.error_buf)\n"
            "                else IdCardException.Panic(Charge.UNKNOWN, 0)\n"
            "            generateSequence<Throwable>(stopped) { it.cause }.forEach { it.addSuppressed(failed) }\n"
            "            throw stopped\n"
            "        }\n"
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
        Passage(
            "): T {\n"
            "    try {\n"
            "        do {\n"
            "            val pollResult = suspendCancellableCoroutine<Byte>",
            "): T {\n"
            "    var isFreed = false\n"
            "    try {\n"
            "        // Whoever is cancelled already sends nothing.\n"
            "        kotlin.coroutines.coroutineContext.ensureActive()\n"
            "        do {\n"
            "            val pollResult = suspendCancellableCoroutine<Byte>",
        ),
        Passage(
            "import kotlinx.coroutines.CancellableContinuation\n",
            "import kotlinx.coroutines.CancellableContinuation\nimport kotlinx.coroutines.ensureActive\n",
        ),
    ),
    Mend(
        "What host code throws is the cause of the error that its call ends with.",
        Passage(
            "FfiConverterString.lower(e.toString())",
            "FfiConverterString.lower(HostErrors.kept(e))",
            times=ANY,
        ),
        Passage(
            "override fun lift(error_buf: RustBuffer.ByValue): IdCardException = "
            "FfiConverterTypeIdCardError.lift(error_buf)\n",
            "override fun lift(error_buf: RustBuffer.ByValue): IdCardException =\n"
            "            HostErrors.explained(FfiConverterTypeIdCardError.lift(error_buf))\n",
        ),
    ),
    Mend(
        "A blocking call ends when its thread is interrupted.",
        Pattern(
            r"    @Throws\(IdCardException::class\)override fun `(\w+)Blocking`"
            r"\((.*?)`options`: CallOptions\?((?:, `\w+`: .*?)?)\): (\w+) \{\n"
            r"(?:.*\n)*?    \)\n    \}\n",
            _blocking,
        ),
    ),
    Mend(
        "What a blocking call is made of is nobody's else.",
        Pattern(
            r"    /\*\*\n     \* Waits for `\w+` on the calling thread .*\n     \*/\n"
            r"    fun `\w+InPieces`\(.*\n",
            "",
        ),
        Pattern(
            r"    @Throws\(IdCardException::class\)override fun `(\w+)InPieces`"
            r"\((.*?`pieceMs`: kotlin\.Int, )(.*?)\)(?=: \w+\? \{)",
            _in_pieces,
        ),
        Passage("\nopen class ParkedCall: ", "\ninternal open class ParkedCall: "),
        Passage("\npublic interface ParkedCallInterface", "\ninternal interface ParkedCallInterface"),
        Pattern(r"fun `(ofLatest|ofAbandoned)`", r"internal fun `\1`", times=2),
    ),
    Mend(
        "Where the native library cannot be loaded, one sentence says why.",
        Pattern(
            r"        (Native\.register\(\w+::class\.java, findLibraryName\(.*\)\))\n",
            r"        loading { \1 }\n",
            times=2,
        ),
    ),
    Mend(
        "A value without fields prints as its name, and not as an address.",
        Pattern(r"\n    object (\w+) : (\w+)\(\)", r"\n    data object \1 : \2()"),
    ),
    Mend(
        "What an error says is one line of English, whoever asks for it, also when the classes of the "
        "library can no longer be loaded.",
        Pattern(
            r"(\) : IdCardException\(\) \{\n        override val message\n            get\(\) = )\".*\"\n",
            r"\1try { describeError(this) } catch (_: LinkageError) { javaClass.simpleName }\n",
        ),
    ),
    LITERALS,
    RECORDS,
    PROBLEMS,
    JAVA,
    ERRORS,
]
