package io.github.idcardverification

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** Many people at a time: in order, bounded, and nothing that is paid is lost. */
class ManyTest {
    private val keys = listOf("result:0", "fault:slow", "result:-1", "error:InternalError", "result:0")

    private fun client(account: String) =
        Client(
            ClientConfig(
                Site.INTERNATIONAL,
                Auth.Keys(Credentials("$SECRET_ID-kotlin-many-$account", SECRET_KEY)),
                timeout = 5.seconds,
                endpoint = Sandbox.url,
                requestsPerSecond = 0,
                singleFlight = false,
            ),
        )

    private fun people(keys: List<String>) = keys.map(Sandbox::person).asFlow()

    private fun word(outcome: Outcome) =
        outcome.answer?.code ?: (outcome.error as? IdCardException.Service)?.code ?: outcome.error?.javaClass?.simpleName

    @Test
    fun outcomesComeInOrderAndAnErrorEndsItsOwnCall() = runBlocking {
        client("ordered").use { client ->
            val rows = flow {
                emit(Person("1", "a"))
                people(keys).collect { emit(it) }
            }
            val outcomes = client.verifyMany(rows).toList()
            assertEquals(listOf("InvalidInput", "0", "0", "-1", "InternalError", "0"), outcomes.map(::word))
            assertEquals((0L..5L).toList(), outcomes.map { it.index })
            assertEquals(4, client.stats().charged)
            assertEquals(Charge.NOT_CHARGED, outcomes.first().charge)
            for (outcome in outcomes) assertFalse(outcome.person.idNumber in outcome.toString() && outcome.person.idNumber != "1")
        }
    }

    @Test
    fun outcomesMayComeAsTheyComplete() = runBlocking {
        client("completed").use { client ->
            val order = client.verifyMany(people(keys), ordered = false).toList().map { it.index }
            assertEquals(1L, order.last(), "$order")
        }
    }

    @Test
    fun theInputIsReadAsFarAsNeededAndTheRestIsHandedOut() = runBlocking {
        client("window").use { client ->
            var read = 0
            val endless = flow { while (true) emit(Sandbox.person("result:0")) }.onEach { read += 1 }
            val rest = mutableListOf<Outcome>()
            val taken = client.verifyMany(endless, concurrency = 3, rest = rest::add).take(4).toList()
            assertTrue(read <= 4 + 3 + 1, "$read")
            assertEquals((0L until taken.size + rest.size).toSet(), (taken + rest).map { it.index }.toSet())
            assertEquals(client.stats().charged, (taken + rest).count { it.charge == Charge.CHARGED }.toLong())
        }
    }

    @Test
    fun aCancelledCollectorIsToldOfWhatWasUnderWay() = runBlocking {
        client("cancelled").use { client ->
            val rest = mutableListOf<Outcome>()
            val hanging = people(listOf("fault:hang", "fault:hang", "result:0", "result:0"))
            val collector = launch(Dispatchers.Default) { client.verifyMany(hanging, concurrency = 2, rest = rest::add).collect {} }
            while (client.stats().requests < 2) delay(10)
            // Until their first bytes have left, too.
            delay(500)
            assertTrue(measureTime { collector.cancelAndJoin() } < 1.seconds)
            assertEquals(listOf(0L, 1L), rest.map { it.index })
            for (outcome in rest) {
                assertIs<IdCardException.Cancelled>(outcome.error)
                assertEquals(Charge.UNKNOWN, outcome.charge)
            }
        }
    }

    @Test
    fun anInputThatFailsLosesNothing() = runBlocking {
        client("input").use { client ->
            val failing = flow {
                people(listOf("result:0", "fault:slow")).collect { emit(it) }
                error("the file ends here")
            }
            val seen = mutableListOf<Outcome>()
            val failure = assertFailsWith<IllegalStateException> { client.verifyMany(failing).collect { seen += it } }
            assertEquals("the file ends here", failure.message)
            assertEquals(listOf("0", "0"), seen.map(::word))
            // So does a collector that fails: what it has not seen is told.
            val rest = mutableListOf<Outcome>()
            assertFailsWith<IllegalArgumentException> {
                client.verifyMany(people(keys), rest = rest::add).collect { throw IllegalArgumentException("full disk") }
            }
            assertEquals(client.stats().calls - seen.size - 1, rest.size.toLong())
        }
    }
}
