package io.github.idcardverification

/** Milliseconds that a native wait takes at most: an interrupt is seen between two. */
internal const val PIECE_MS = 50

/**
 * Waits for a call piece by piece, so that [Thread.interrupt], and with it `runInterruptible`, ends it.
 * It ends with an [InterruptedException], to which an [IdCardException.Cancelled] is suppressed that
 * says what the call may have cost. An answer that is there is not thrown away.
 */
internal inline fun <T : Any> interruptibly(begin: (ParkedCall) -> T?, goOn: (ParkedCall) -> T?): T {
    if (Thread.interrupted()) throw interrupted(Charge.NOT_CHARGED, 0)
    ParkedCall().use { parked ->
        begin(parked)?.let { return it }
        while (!Thread.interrupted()) {
            goOn(parked)?.let { return it }
        }
        parked.stop()
    }
    CallProgress.ofLatest().use { throw interrupted(it.charge(), it.attempts()) }
}

internal fun interrupted(charge: Charge, attempts: Int): InterruptedException {
    val cancelled = IdCardException.Cancelled(charge != Charge.NOT_CHARGED, charge, attempts)
    return InterruptedException(cancelled.message).apply { addSuppressed(cancelled) }
}
