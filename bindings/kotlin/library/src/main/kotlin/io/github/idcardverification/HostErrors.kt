package io.github.idcardverification

/**
 * What host code (a transport, a provider, a signer, a ledger) threw, until the error that its call ends with
 * is here. Only a number crosses to the library and back: the words of an exception may hold anything.
 */
internal object HostErrors {
    /** So many wait for their call's error at most; of more at once the oldest are forgotten. */
    private const val KEPT = 64

    /** What the library says of an exception, and nobody else. */
    private val number = Regex("(?<=(^|: )it threw an exception) #(\\d+)$")
    private val thrown = LinkedHashMap<Long, Throwable>()
    private var latest = 0L

    /** Keeps it, and names the number that it is kept under. */
    fun kept(error: Throwable): String =
        synchronized(thrown) {
            latest += 1
            thrown[latest] = error
            if (thrown.size > KEPT) thrown.remove(thrown.keys.first())
            "#$latest"
        }

    /** The same error with its cause, and without the number. */
    fun explained(error: IdCardException): IdCardException =
        when (error) {
            is IdCardException.Network ->
                error.detail?.let(::found)?.let { (detail, cause) ->
                    IdCardException.Network(error.failure, detail, error.sent, error.charge, error.attempts)
                        .apply { initCause(cause) }
                }
            is IdCardException.Credentials ->
                found(error.detail)?.let { (detail, cause) ->
                    IdCardException.Credentials(detail).apply { initCause(cause) }
                }
            is IdCardException.Ledger ->
                error.detail?.let(::found)?.let { (detail, cause) ->
                    IdCardException.Ledger(error.problem, detail).apply { initCause(cause) }
                }
            else -> null
        } ?: error

    private fun found(detail: String): Pair<String, Throwable?>? {
        val match = number.find(detail) ?: return null
        // Of callers who shared a request, one has its cause.
        val cause = synchronized(thrown) { thrown.remove(match.groupValues[2].toLong()) }
        return detail.substring(0, match.range.first) to cause
    }
}
