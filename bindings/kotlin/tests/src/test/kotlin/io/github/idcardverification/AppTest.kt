package io.github.idcardverification

import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.startCoroutine
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.measureTime
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonPrimitive

/** What apps do to a client: close things, cancel, block, throw, hand over what cannot be. */
class AppTest {
    private val match = Sandbox.person("result:0")
    private val hang = Sandbox.person("fault:hang")

    private fun config(
        keys: Credentials? = null,
        provider: CredentialsProvider? = null,
        transport: Transport? = null,
        timeout: Duration = Duration.ofSeconds(5),
    ) =
        ClientConfig(
            site = Site.INTERNATIONAL,
            auth = provider?.let { Auth.Provider(it) } ?: Auth.Keys(keys ?: Credentials(SECRET_ID, SECRET_KEY)),
            transport = transport,
            endpoint = Sandbox.url,
            timeout = timeout,
        )

    private fun provider(provide: () -> Credentials) =
        object : CredentialsProvider {
            override suspend fun provide(refused: Credentials?) = provide()
        }

    @Test
    fun aClosedObjectIsNotHandedOver() {
        val keys = Credentials(SECRET_ID, SECRET_KEY).apply { close() }
        assertFailsWith<IllegalStateException> { Client(config(keys)) }
        val request =
            SigningRequest("127.0.0.1", "faceid", "IdCardVerification", "2018-03-01", 0, "application/json", "")
        assertFailsWith<IllegalStateException> { signDigest(keys, request) }
        Client(config()).use { client ->
            val cancel = CancelHandle().apply { close() }
            val progress = CallProgress().apply { close() }
            for (options in listOf(CallOptions(cancel = cancel), CallOptions(progress = progress))) {
                assertFailsWith<IllegalStateException> { client.verifyBlocking(match.idNumber, match.name, options) }
                assertFailsWith<IllegalStateException> {
                    runBlocking { client.verify(match.idNumber, match.name, options) }
                }
            }
            assertFailsWith<IllegalStateException> { client.cancelledBy(cancel) }
            assertEquals(Verdict.MATCH, client.verifyBlocking(match.idNumber, match.name).verdict)
        }
    }

    @Test
    fun aProviderThatClosesItsAnswerIsToldAtOnce() {
        val closing = provider { Credentials(SECRET_ID, SECRET_KEY).use { it } }
        Client(config(keys = null, provider = closing)).use { client ->
            val took =
                measureTime {
                    val error = assertFailsWith<IdCardException.Credentials> {
                        client.verifyBlocking(match.idNumber, match.name)
                    }
                    assertEquals("provider: it threw an exception", error.detail)
                }
            assertTrue(took.inWholeMilliseconds < 2_000, "$took")
        }
    }

    /** Objects are closed at random moments of calls that use them; nothing may reach freed memory. */
    @Test
    fun closingAtRandomMomentsIsSafe() {
        val ended = AtomicInteger()
        val threads =
            List(8) { number ->
                thread {
                    val chance = Random(number)
                    repeat(60) {
                        val keys = Credentials("$SECRET_ID-closing-$number", SECRET_KEY)
                        val cancel = CancelHandle()
                        val client = Client(config(keys))
                        val closers =
                            listOf(keys, cancel, client).map { closed ->
                                thread {
                                    Thread.sleep(0, chance.nextInt(900_000))
                                    closed.close()
                                }
                            }
                        try {
                            val options = CallOptions(cancel = cancel, fresh = true)
                            if (it % 2 == 0) {
                                client.verifyBlocking(match.idNumber, match.name, options)
                            } else {
                                runBlocking { client.verify(match.idNumber, match.name, options) }
                            }
                        } catch (_: IllegalStateException) {
                        } catch (_: IdCardException) {
                        }
                        closers.forEach { it.join() }
                        ended.incrementAndGet()
                    }
                }
            }
        threads.forEach { it.join() }
        assertEquals(8 * 60, ended.get())
    }

    @Test
    fun anErrorOfTheHostEndsTheCallAtOnce() {
        val transport =
            object : Transport {
                override suspend fun send(request: HttpRequest): HttpResponse = TODO("a canary")
            }
        Client(config(transport = transport)).use { client ->
            val took =
                measureTime {
                    val error = assertFailsWith<IdCardException.Network> {
                        client.verifyBlocking(match.idNumber, match.name)
                    }
                    assertEquals(Charge.UNKNOWN, error.charge)
                }
            assertTrue(took.inWholeMilliseconds < 2_000, "$took")
        }
        Client(config(keys = null, provider = provider { throw StackOverflowError() })).use { client ->
            assertFailsWith<IdCardException.Credentials> { client.verifyBlocking(match.idNumber, match.name) }
        }
    }

    @Test
    fun whatHostCodeThrowsIsTheCauseOfTheError() = runBlocking {
        class OfTheHost : RuntimeException("a canary")
        val transport =
            object : Transport {
                override suspend fun send(request: HttpRequest): HttpResponse = throw OfTheHost()
            }
        Client(config(transport = transport)).use { client ->
            val errors =
                listOf<suspend () -> Unit>(
                    { client.verify(match.idNumber, match.name) },
                    { client.verifyBlocking(match.idNumber, match.name) },
                ).map { assertFailsWith<IdCardException.Network> { it() } }
            for (error in errors) {
                assertEquals("it threw an exception", error.detail)
                assertEquals(Charge.UNKNOWN, error.charge)
                assertIs<OfTheHost>(error.cause)
                // The words of an exception may hold anything.
                assertFalse("canary" in error.message, error.message)
            }
        }
        Client(config(keys = null, provider = provider { throw OfTheHost() })).use { client ->
            val error = assertFailsWith<IdCardException.Credentials> { client.verify(match.idNumber, match.name) }
            assertEquals("provider: it threw an exception", error.detail)
            assertIs<OfTheHost>(error.cause)
        }
    }

    @Test
    fun anInterruptEndsABlockingCallAndTellsItsCharge() {
        Client(config(timeout = Duration.ofSeconds(20))).use { client ->
            val ended = CompletableFuture<Throwable>()
            val caller = thread {
                ended.complete(runCatching { client.verifyBlocking(hang.idNumber, hang.name) }.exceptionOrNull())
            }
            Thread.sleep(300)
            val took =
                measureTime {
                    caller.interrupt()
                    val told = ended.get(10, TimeUnit.SECONDS).also { assertIs<InterruptedException>(it) }.suppressed
                    val cancelled = assertIs<IdCardException.Cancelled>(told.single())
                    assertEquals(listOf(Charge.UNKNOWN, 1, true), cancelled.run { listOf(charge, attempts, sent) })
                }
            assertTrue(took.inWholeMilliseconds < 500, "$took")
            val stats = client.stats()
            assertEquals(listOf(1L, 1L, 1L), listOf(stats.calls, stats.unknown, stats.abandoned))
        }
    }

    @Test
    fun aThreadThatWasInterruptedBeforeSendsNothing() {
        val account = "$SECRET_ID-kotlin-interrupted-before"
        Sandbox.client(account).use { client ->
            Thread.currentThread().interrupt()
            val error = assertFailsWith<InterruptedException> { client.verifyBlocking(match.idNumber, match.name) }
            val cancelled = assertIs<IdCardException.Cancelled>(error.suppressed.single())
            assertEquals(listOf(Charge.NOT_CHARGED, 0, false), cancelled.run { listOf(charge, attempts, sent) })
            assertFalse(Thread.interrupted())
            assertEquals(Verdict.MATCH, client.verifyBlocking(match.idNumber, match.name).verdict)
            assertEquals(1, Sandbox.ledger(account).getValue("charged").jsonPrimitive.int)
        }
    }

    @Test
    fun runInterruptibleEndsABlockingCall() = runBlocking {
        Client(config(timeout = Duration.ofSeconds(20))).use { client ->
            val took =
                measureTime {
                    assertFailsWith<TimeoutCancellationException> {
                        withTimeout(300) {
                            runInterruptible(Dispatchers.IO) { client.verifyBlocking(hang.idNumber, hang.name) }
                        }
                    }
                }
            assertTrue(took.inWholeMilliseconds < 1_000, "$took")
            assertEquals(1L, client.stats().abandoned)
        }
    }

    /** A call lasts for many waits, and needs what it was given until its end. */
    @Test
    fun closingWhatACallUsesDoesNotEndIt() {
        val slow = Sandbox.person("fault:slow")
        val cancel = CancelHandle()
        val client = Client(config())
        val closer = thread {
            Thread.sleep(150)
            cancel.close()
            client.close()
        }
        val answer = client.verifyBlocking(slow.idNumber, slow.name, CallOptions(cancel = cancel))
        assertEquals(Verdict.MATCH, answer.verdict)
        closer.join()
        assertFailsWith<IllegalStateException> { client.stats() }
    }

    @Test
    fun aContinuationNeverRunsOnTheLibrarysThread() {
        Client(config()).use { client ->
            runBlocking(Dispatchers.Unconfined) {
                client.verify(match.idNumber, match.name)
                assertFalse(isTheLibrarys(Thread.currentThread().name), Thread.currentThread().name)
            }
            // As `suspend fun main` begins: without any dispatcher.
            val name = CompletableFuture<String>()
            val main: suspend () -> Unit = {
                client.verify(match.idNumber, match.name)
                // Blocks what it runs on, and needs the library's thread for that.
                runBlocking { client.verify(match.idNumber, match.name) }
                name.complete(Thread.currentThread().name)
            }
            main.startCoroutine(kotlin.coroutines.Continuation(EmptyCoroutineContext) { it.getOrThrow() })
            val ran = name.get(10, TimeUnit.SECONDS)
            assertFalse(isTheLibrarys(ran), ran)
        }
    }

    private fun isTheLibrarys(name: String) = name.startsWith("idcard-verify") || name.startsWith("Thread-")

    @Test
    fun aCancelledCoroutineTellsWhatItsCallMayHaveCost() = runBlocking {
        Client(config()).use { client ->
            val call = async(Dispatchers.Default) {
                try {
                    client.verify(hang.idNumber, hang.name)
                    null
                } catch (stopped: CancellationException) {
                    stopped.suppressed.single()
                }
            }
            delay(300)
            call.cancel()
            val timedOut = assertFailsWith<CancellationException> {
                withTimeout(300) { client.verify(hang.idNumber, hang.name) }
            }
            val told = generateSequence<Throwable>(timedOut) { it.cause }.flatMap { it.suppressed.toList() }.first()
            assertEquals(Charge.UNKNOWN, assertIs<IdCardException.Cancelled>(told).charge)
            val stats = client.stats()
            assertEquals(listOf(2L, 2L, 2L), listOf(stats.calls, stats.unknown, stats.abandoned))
        }
    }

    @Test
    fun aTimeThatCannotBeIsAConfigurationError() {
        for (time in listOf(Duration.ofMillis(-1), Duration.ofSeconds(Long.MIN_VALUE), Duration.ofDays(2))) {
            assertFailsWith<IdCardException.Configuration>("$time") { Client(config(timeout = time)) }
            Client(config()).use { client ->
                assertFailsWith<IdCardException.Configuration>("$time") {
                    client.verifyBlocking(match.idNumber, match.name, CallOptions(timeout = time))
                }
                val policy = CallOptions(retry = RetryPolicy(baseDelay = time))
                assertFailsWith<IdCardException.Configuration>("$time") {
                    client.verifyBlocking(match.idNumber, match.name, policy)
                }
            }
        }
    }

    @Test
    fun halfOfAPairIsInvalidInput() {
        Client(config()).use { client ->
            for (name in listOf("a\uD800", "\uDFFFb", "林\uD840")) {
                val error = assertFailsWith<IdCardException.InvalidInput> {
                    client.verifyBlocking(match.idNumber, name, CallOptions(localCheck = false))
                }
                assertEquals("name", error.field)
                assertIs<InputProblem.NotText>(error.problem)
                assertFailsWith<IdCardException.InvalidInput> { checkName(name) }
            }
        }
    }

    @Test
    fun hostCodeThatBlocksHoldsUpNobody() = runBlocking {
        val slow =
            object : Transport {
                override suspend fun send(request: HttpRequest): HttpResponse {
                    Thread.sleep(1_000)
                    return HttpResponse(200, emptyList(), ByteArray(0))
                }
            }
        Client(config(transport = slow)).use { client ->
            val calls = List(16) { launch(Dispatchers.IO) { runCatching { client.verifyBlocking(match.idNumber, match.name, CallOptions(fresh = true)) } } }
            delay(100)
            val took = measureTime { async(Dispatchers.Default) { }.await() }
            assertTrue(took.inWholeMilliseconds < 500, "$took")
            calls.forEach { it.join() }
        }
    }
}
