"""What Java needs of the generated Kotlin."""

from __future__ import annotations

import re

from passages import Mend, Passage, Pattern


def _names(parameters: str) -> list[str]:
    return re.findall(r"`(\w+)`: ", parameters)


def _with_nulls(parameters: str) -> str:
    return re.sub(r"\?(?=,|$)", "? = null", parameters)


def _for_java(found: re.Match[str]) -> str:
    method, needed, optional, answer = found.groups()
    needed = needed.removesuffix(", ")
    names = [f"`{name}`" for name in _names(needed)]
    every = ", ".join([*names, *(f"`{name}`" for name in _names(optional))])
    nulls = ", ".join([*names, *("null" for _ in _names(optional))])
    all_parameters = ", ".join(part for part in (needed, _with_nulls(optional)) if part)
    return (
        f"    /** [{method}] as a future, for Java. Cancelling it stops the call; what it may have cost is in the\n"
        f"     * [CallProgress] of its options. */\n"
        f"    @JvmOverloads\n"
        f"    fun `{method}Async`({all_parameters}): java.util.concurrent.CompletableFuture<{answer}> =\n"
        f"        answered {{ `{method}`({every}) }}\n\n"
        f"    /** [{method}Blocking] with the options of the client. */\n"
        f"    @Throws(IdCardException::class, InterruptedException::class)\n"
        f"    fun `{method}Blocking`({needed}): {answer} = `{method}Blocking`({nulls})\n\n"
        f"{found[0]}"
    )


JAVA = Mend(
    "Java cannot call suspending functions, nor leave arguments out.",
    Pattern(
        r"    @Throws\(IdCardException::class\)\n"
        r"    @Suppress\(\"ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE\"\)\n"
        r"    override suspend fun `(\w+)`\((.*?)(`options`: CallOptions\?.*?)\) : (\w+) \{\n",
        _for_java,
    ),
    Pattern(r"(?m)^(    )(@Throws\(IdCardException::class\) fun `from)", r"\1@JvmStatic \2"),
    Passage(
        "@file:Suppress(",
        '@file:JvmName("IdCardVerification")\n@file:Suppress(',
    ),
)

OVERLOADS = Mend(
    "Nor can it leave out arguments of a constructor.",
    Pattern(r"\n    constructor\((.* = .*)\) :\n", r"\n    @JvmOverloads\n    constructor(\1) :\n"),
    # And it is told of a checked exception by a declaration alone.
    Pattern(
        r"(\n    constructor\(.*\) :\n.*\n +uniffiRustCallWithError\((\w+)\))",
        r"\n    @Throws(\2::class)\1",
    ),
)

_FACTS = """\
sealed class IdCardException: kotlin.Exception() {
    /** What the failed call cost. */
    open val charge: Charge get() = Charge.NOT_CHARGED

    /** How many requests were made. */
    open val attempts: Int get() = 0

    /** Identifier of the request, for the vendor's support, where there is one. */
    open val requestId: String? get() = null

    /** When the same call may be made again without paying twice. */
    val retry: Retry get() = retryOfError(this)

    /** What the error means, in English. */
    val meaning: String get() = meaningOfError(this)
"""


def _errors(found: re.Match[str]) -> str:
    body = re.sub(r"\n        val (`charge`|`attempts`|`requestId`): ", r"\n        override val \1: ", found[1])
    # What Java prints of an exception: its class and its message.
    body = re.sub(
        r"    // The local Rust `Display`/`Debug` implementation\.\n    override fun toString\(\)(?:.*\n)+?    \}\n",
        "",
        body,
    )
    return _FACTS + body + found[2]


ERRORS = Mend(
    "What every error knows can be asked of any error.",
    Pattern(
        r"sealed class IdCardException: kotlin\.Exception\(\) \{\n((?:.*\n)*?)"
        r"(    internal companion object ErrorHandler)",
        _errors,
        times=1,
    ),
    Pattern(r"\*/ fun `(chargeOfError|describeError|meaningOfError|retryOfError)`", r"*/ internal fun `\1`", times=4),
)

HIDDEN = Mend(
    "The machinery between the languages is nobody's to complete.",
    Pattern(r"\npublic (object|interface) FfiConverter", r"\ninternal \1 FfiConverter"),
    Passage("\nopen class RustBuffer : Structure() {", "\ninternal open class RustBuffer : Structure() {"),
    Pattern(r"\n(interface|object) (Uniffi(?:Null)?RustCallStatusErrorHandler)", r"\ninternal \1 \2"),
    Pattern(r"    companion object ErrorHandler", "    internal companion object ErrorHandler"),
    Pattern(r"\ninterface UniffiCleaner", r"\ninternal interface UniffiCleaner"),
    Pattern(r"    protected val cleanable: ", "    internal val cleanable: "),
    Pattern(r"    fun uniffiCloneHandle\(\)", "    internal fun uniffiCloneHandle()"),
    Pattern(r"\nopen class (\w+Impl): ", r"\ninternal open class \1: "),
)
