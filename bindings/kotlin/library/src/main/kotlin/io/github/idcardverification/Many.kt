package io.github.idcardverification

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.isActive
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext

/** A number and a name. It prints neither. */
data class Person(val idNumber: String, val name: String) {
    override fun toString(): String = "Person([redacted])"
}

/** What came of one person of many. */
class Outcome internal constructor(
    /** Place in the input, from 0. */
    val index: Long,
    /** Who was asked about. */
    val person: Person,
    /** The answer, if there was one. */
    val answer: Verification?,
    /** The error, if there was none. */
    val error: IdCardException?,
) {
    /** What the call cost. */
    val charge: Charge
        get() = answer?.charge ?: error?.charge ?: Charge.UNKNOWN

    override fun toString(): String = "Outcome(index=$index, answer=$answer, error=$error)"
}

/**
 * Verifies many people, [concurrency] at a time, with as few in memory. The input is read as far as needed.
 *
 * Outcomes come in the order of the people or, unless [ordered], as the calls complete. An error ends its own
 * call and no other. When the input fails, what is under way is handed out before its exception.
 *
 * What is paid is never lost: outcomes of calls that are under way when the collector stops go to [rest]. They
 * are waited for, or cancelled when the collector's coroutine is; then the one that was being handed out is among
 * them, although it may have arrived. Without a [rest] they are dropped, and counted by [Client.stats] alone. What
 * an operator such as `buffer` holds between this and the collector has been handed out.
 */
fun Client.verifyMany(
    people: Flow<Person>,
    concurrency: Int = 8,
    ordered: Boolean = true,
    rest: (Outcome) -> Unit = {},
): Flow<Outcome> {
    require(concurrency > 0) { "concurrency is at least 1" }
    return flow { ManyRun(this@verifyMany, concurrency, ordered, rest).collect(people, this) }
}

/** One run over the input. */
private class ManyRun(
    private val client: Client,
    private val concurrency: Int,
    private val ordered: Boolean,
    private val rest: (Outcome) -> Unit,
) {
    private val window = ArrayDeque<Deferred<Outcome>>()
    private var index = 0L
    private var isOpen = true
    private var failure: Throwable? = null
    private var handing: Outcome? = null

    suspend fun collect(people: Flow<Person>, to: FlowCollector<Outcome>) {
        // Not those of the collector: what is under way outlives it until its outcome is known.
        val calls = CoroutineScope(currentCoroutineContext() + SupervisorJob())
        CancelHandle().use { cancel ->
            client.cancelledBy(cancel).use { batch ->
                try {
                    coroutineScope {
                        // A failure of the input is a row, so that it does not end what is under way.
                        val rows = people.map(Result.Companion::success).catch { emit(Result.failure(it)) }
                        val channel = rows.buffer(0).produceIn(this)
                        while (isOpen || window.isNotEmpty()) {
                            val outcome = next(channel) { person -> calls.begin(batch, person) } ?: continue
                            handing = outcome
                            to.emit(outcome)
                            handing = null
                        }
                        channel.cancel()
                    }
                } finally {
                    val isCancelled = !currentCoroutineContext().isActive
                    withContext(NonCancellable) { handOut(if (isCancelled) cancel else null) }
                }
            }
        }
        failure?.let { throw it }
    }

    /** The next outcome; none when a call was begun, or the input has ended. */
    private suspend fun next(rows: ReceiveChannel<Result<Person>>, begin: (Person) -> Deferred<Outcome>): Outcome? =
        select {
            val ready = if (ordered) window.take(1) else window
            ready.forEach { call ->
                call.onAwait {
                    window.remove(call)
                    it
                }
            }
            if (isOpen && window.size < concurrency) {
                rows.onReceiveCatching { received ->
                    received.getOrNull()?.onSuccess { window += begin(it) }?.onFailure { failure = it }
                    isOpen = received.isSuccess && failure == null
                    null
                }
            }
        }

    private fun CoroutineScope.begin(batch: Client, person: Person): Deferred<Outcome> {
        val place = index++
        return async {
            try {
                Outcome(place, person, batch.verify(person.idNumber, person.name), null)
            } catch (error: IdCardException) {
                Outcome(place, person, null, error)
            } catch (error: Exception) {
                val panic = IdCardException.Panic(Charge.UNKNOWN, 0).apply { initCause(error) }
                Outcome(place, person, null, panic)
            }
        }
    }

    /** What nobody has taken; [cancel] ends it at once. */
    private suspend fun handOut(cancel: CancelHandle?) {
        isOpen = false
        cancel?.cancel()
        // It may not have arrived.
        val outcomes = listOfNotNull(handing.takeIf { cancel != null }) + window.awaitAll()
        window.clear()
        // Each of them is told, whatever becomes of the others.
        val failures = outcomes.mapNotNull { runCatching { rest(it) }.exceptionOrNull() }
        failures.firstOrNull()?.let { throw it }
    }
}
