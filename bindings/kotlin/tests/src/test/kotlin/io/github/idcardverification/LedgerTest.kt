package io.github.idcardverification

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject

/** A ledger: what was charged is asked once, what is open is not sent, and what fails sends nothing. */
class LedgerTest {
    private val key = "an invented key of a ledger".toByteArray()
    private val match = Sandbox.person("result:0")

    private fun client(account: String, ledger: Ledger?, timeout: kotlin.time.Duration? = null) =
        Client(
            ClientConfig(
                Site.INTERNATIONAL,
                Auth.Keys(Credentials("$SECRET_ID-kotlin-ledger-$account", SECRET_KEY)),
                timeout = timeout?.let { java.time.Duration.ofMillis(it.inWholeMilliseconds) },
                endpoint = Sandbox.url,
                requestsPerSecond = 0,
                retry = RetryPolicy(maxAttempts = 1),
                ledger = ledger?.let { LedgerConfig(it, key) },
            ),
        )

    private fun charged(account: String) = Sandbox.ledger("$SECRET_ID-kotlin-ledger-$account").text("charged")

    private fun Client.verifyBlocking(person: Person) = verifyBlocking(person.idNumber, person.name)

    /** One of an application, that blocks. */
    private class InAMap : BlockingLedger {
        val outcomes = ConcurrentHashMap<LedgerClaim, LedgerOutcome>()
        val owners = ConcurrentHashMap<String, LedgerClaim>()

        override fun claimBlocking(claim: LedgerClaim): ClaimState {
            val owner = owners.putIfAbsent(claim.key, claim) ?: claim
            val outcome = outcomes[owner]
            return when {
                outcome != null -> ClaimState.Settled(outcome)
                owner == claim -> ClaimState.Mine
                else -> ClaimState.Open
            }
        }

        override fun settleBlocking(claim: LedgerClaim, outcome: LedgerOutcome) {
            if (owners[claim.key] != claim) throw LedgerException.NotTheOwner()
            when (outcome.charge) {
                Charge.CHARGED -> outcomes[claim] = outcome
                Charge.NOT_CHARGED -> owners.remove(claim.key)
                Charge.UNKNOWN -> {}
            }
        }
    }

    private fun isAskedOnce(account: String, ledger: Ledger) {
        client(account, ledger).use { first ->
            client(account, ledger).use { second ->
                val paid = first.verifyBlocking(match)
                assertEquals(Charge.CHARGED, paid.charge)
                val kept = listOf(
                    second.verifyBlocking(match),
                    runBlocking { second.verify(match.idNumber, match.name, CallOptions(fresh = true)) },
                )
                for (answer in kept) {
                    assertEquals(listOf(Charge.NOT_CHARGED, 0, "0"), answer.run { listOf(charge, attempts, code) })
                    assertEquals(AnswerOrigin.REMEMBERED to paid.requestId, answer.origin to answer.requestId)
                }
                val free = Sandbox.person("result:-5")
                repeat(2) { assertEquals(1, first.verifyBlocking(free).attempts) }
            }
        }
        assertEquals("1", charged(account))
    }

    @Test
    fun whatWasChargedIsAskedOnceWhoeverAsks() {
        MemoryLedger().use {
            isAskedOnce("memory", it)
            assertEquals(emptyList(), it.openClaims())
        }
        val own = InAMap()
        isAskedOnce("own", own)
        val outcome = own.outcomes.values.single()
        assertEquals(listOf(Charge.CHARGED, "0", null, 1), outcome.run { listOf(charge, result, error, attempts) })
    }

    @Test
    fun anOpenClaimIsNotSentUntilSomebodySaysWhatBecameOfIt() {
        MemoryLedger().use { ledger ->
            client("open", ledger).use { client ->
                val next = Json.parseToJsonElement("""{"next": ["fault:reset"]}""").jsonObject
                Sandbox.setAccount("$SECRET_ID-kotlin-ledger-open", next)
                val lost = assertFailsWith<IdCardException.Network> { client.verifyBlocking(match) }
                assertEquals(Charge.UNKNOWN, lost.charge)
                val error = assertFailsWith<IdCardException.Ledger> { client.verifyBlocking(match) }
                assertEquals(LedgerProblem.OPEN_CLAIM, error.problem)
                assertEquals("ledger: a call of the same is under way, or its charge is unknown", error.message)
                assertEquals(
                    listOf(null, Charge.NOT_CHARGED, 0, null, Retry.NEVER),
                    error.run { listOf(detail, charge, attempts, requestId, retry) },
                )
                assertTrue("Nothing was sent" in error.meaning)
                assertEquals(1, client.stats().requests)
                val open = ledger.openClaims().single()
                assertFalse(match.idNumber in open)
                ledger.release(open)
                assertEquals(Charge.CHARGED, client.verifyBlocking(match).charge)
                // What is settled is not released.
                ledger.release(open)
                assertEquals(AnswerOrigin.REMEMBERED, client.verifyBlocking(match).origin)
                assertEquals(2, client.stats().requests)
            }
        }
    }

    private class Failing(private val claims: Throwable?, private val settles: Throwable? = null) : Ledger {
        override suspend fun claim(claim: LedgerClaim): ClaimState = claims?.let { throw it } ?: ClaimState.Mine

        override suspend fun settle(claim: LedgerClaim, outcome: LedgerOutcome) {
            settles?.let { throw it }
        }
    }

    @Test
    fun aLedgerThatThrowsLetsNothingLeave() {
        for (thrown in listOf(IllegalStateException("a canary"), NotImplementedError("a canary"))) {
            client("throws", Failing(thrown)).use { client ->
                val errors = listOf(
                    assertFailsWith<IdCardException.Ledger> { client.verifyBlocking(match) },
                    assertFailsWith<IdCardException.Ledger> { runBlocking { client.verify(match.idNumber, match.name) } },
                )
                for (error in errors) {
                    // Coroutines hand on copies, whose cause is the original.
                    assertSame(thrown, generateSequence<Throwable>(error) { it.cause }.last())
                    assertEquals(LedgerProblem.UNAVAILABLE to Retry.BACKOFF, error.problem to error.retry)
                    assertEquals("ledger: it could not be asked: it threw an exception", error.message)
                    assertEquals("it threw an exception", error.detail)
                }
                assertEquals(0, client.stats().requests)
            }
        }
        client("says", Failing(LedgerException.Unavailable("the disk is full"))).use { client ->
            val error = assertFailsWith<IdCardException.Ledger> { client.verifyBlocking(match) }
            assertEquals("the disk is full", error.detail)
            assertNull(error.cause)
            assertEquals(0, client.stats().requests)
        }
    }

    @Test
    fun aLedgerThatIsClosedLetsNothingLeave() {
        client("closed", MemoryLedger().apply { close() }).use { client ->
            val error = assertFailsWith<IdCardException.Ledger> { client.verifyBlocking(match) }
            assertEquals(LedgerProblem.UNAVAILABLE, error.problem)
            assertEquals(0, client.stats().requests)
        }
    }

    @Test
    fun anAnswerThatTheLedgerDoesNotTakeIsTheCallers() {
        for (thrown in listOf(IllegalStateException("a canary"), LedgerException.Unavailable("the disk is full"))) {
            client("settles", Failing(null, thrown)).use {
                assertEquals(Charge.CHARGED, it.verifyBlocking(match).charge)
            }
        }
    }

    @Test
    fun aLedgerThatBlocksIsInterruptedWhenTheCallEnds() {
        val interrupted = CountDownLatch(1)
        val blocks =
            object : BlockingLedger {
                override fun claimBlocking(claim: LedgerClaim): ClaimState =
                    try {
                        Thread.sleep(60_000)
                        ClaimState.Mine
                    } catch (stopped: InterruptedException) {
                        interrupted.countDown()
                        throw stopped
                    }

                override fun settleBlocking(claim: LedgerClaim, outcome: LedgerOutcome) = Unit
            }
        client("blocks", blocks, timeout = 200.milliseconds).use { client ->
            val error = assertFailsWith<IdCardException.Ledger> { client.verifyBlocking(match) }
            assertEquals("it did not answer in time", error.detail)
            assertEquals(0, client.stats().requests)
        }
        assertTrue(interrupted.await(5, SECONDS))
    }

    @Test
    fun manyAreClaimedInALedgerOfTheirOwn() = runBlocking<Unit> {
        val people = listOf("result:0", "result:-1", "result:-5", "result:0").map(Sandbox::person)
        MemoryLedger().use { ledger ->
            client("many", null).use { client ->
                client.withLedger(LedgerConfig(ledger, key)).use { batch ->
                    for (expected in listOf(2, 0)) {
                        val outcomes = batch.verifyMany(people.asFlow(), concurrency = 1).toList()
                        assertEquals(listOf("0", "-1", "-5", "0"), outcomes.map { it.answer?.code })
                        assertEquals(expected, outcomes.count { it.charge == Charge.CHARGED })
                    }
                }
                assertEquals("2", charged("many"))
                // Those of the client have none.
                assertEquals(Charge.CHARGED, client.verifyBlocking(match).charge)
                val short = LedgerConfig(ledger, ByteArray(15))
                assertFailsWith<IdCardException.Configuration> { client.withLedger(short) }
            }
        }
    }

    @Test
    fun aSettingShowsNoKey() {
        MemoryLedger().use {
            val config = LedgerConfig(it, key)
            val bytes = key.joinToString()
            for (text in listOf("$config", "${ClientConfig(Site.MAINLAND, Auth.DefaultChain, ledger = config)}")) {
                assertTrue("[redacted]" in text, text)
                assertFalse("invented" in text || bytes in text, text)
            }
        }
    }
}
