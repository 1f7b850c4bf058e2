package io.github.idcardverification

import io.github.idcardverification.example.verifyWithoutAKey
import io.github.idcardverification.okhttp.OkHttpTransport
import io.github.idcardverification.tools.InternalException
import io.github.idcardverification.tools.panicOnRequest
import java.io.File
import java.lang.reflect.Modifier
import java.time.Duration
import java.util.jar.JarFile
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject

/** What is Kotlin's own: closing, cancelling, printing, panics, leaks. */
class ClientTest {
    private val match = Sandbox.person("result:0")
    private val hang = Sandbox.person("fault:hang")

    @Test
    fun aClosedClientIsNotUsed() {
        val client = Sandbox.client()
        client.use { assertEquals(Verdict.MATCH, it.verifyBlocking(match.idNumber, match.name).verdict) }
        assertFailsWith<IllegalStateException> { client.verifyBlocking(match.idNumber, match.name) }
    }

    @Test
    fun resultsAreValues() {
        Sandbox.client().use {
            val answer = it.verifyBlocking(match.idNumber, match.name)
            val said =
                when (answer.result) {
                    ResultCode.MATCH -> "match"
                    ResultCode.UNKNOWN -> "a code of tomorrow: ${answer.code}"
                    else -> answer.result.meaning()
                }
            assertEquals("match", said)
            assertEquals(ResultCode.MATCH, answer.result)
            assertEquals("a match", mapOf(ResultCode.MATCH to "a match")[answer.result])
            assertEquals("MATCH", "${answer.result}")
            val tomorrow = Sandbox.person("result:-99").let { (number, name) -> it.verifyBlocking(number, name) }
            assertEquals(ResultCode.UNKNOWN to "-99", tomorrow.result to tomorrow.code)
        }
    }

    @Test
    fun whatAnErrorSaysIsOneLine() {
        Sandbox.client().use {
            val error = assertFailsWith<IdCardException.InvalidInput> { it.verifyBlocking("1", "") }
            assertEquals("id_number: length is 1, expected 18", error.message)
            assertEquals(InputProblemKind.NUMBER_LENGTH, error.problem.kind())
            assertEquals(InputProblem.NumberLength(1), error.problem)
            assertEquals("length is 1, expected 18", "${error.problem}")
            assertEquals(listOf(Charge.NOT_CHARGED, 0, null, Retry.NEVER), error.run { listOf(charge, attempts, requestId, retry) })
            assertEquals("An argument is wrong. Nothing was sent.", error.meaning)
            val empty = assertFailsWith<IdCardException.InvalidInput> { checkName("") }
            assertEquals("NameEmpty", "${empty.problem}")
        }
    }

    @Test
    fun timesAreThoseOfKotlinOrOfJava() {
        val options = CallOptions(timeout = 5.seconds, fresh = true)
        assertEquals(CallOptions(timeout = Duration.ofSeconds(5), fresh = true), options)
        assertEquals(RetryPolicy(2, Duration.ofMillis(5)), RetryPolicy(baseDelay = 5.milliseconds, maxAttempts = 2))
        val keys = Auth.Keys(Credentials(SECRET_ID, SECRET_KEY))
        val config = ClientConfig(Site.MAINLAND, keys, cacheTtl = 1.hours, poolIdleTimeout = 0.seconds)
        assertEquals(ClientConfig(Site.MAINLAND, keys, cacheTtl = Duration.ofHours(1), poolIdleTimeout = Duration.ZERO), config)
        for (time in listOf((-1).seconds, kotlin.time.Duration.INFINITE)) {
            assertFailsWith<IdCardException.Configuration> { Client(ClientConfig(Site.MAINLAND, keys, timeout = time)) }
        }
    }

    @Test
    fun numbersThatCannotBeAreRefused() {
        val keys = Auth.Keys(Credentials(SECRET_ID, SECRET_KEY))
        assertFailsWith<IdCardException.Configuration> { Client(ClientConfig(Site.MAINLAND, keys, requestsPerSecond = -1)) }
        val retry = RetryPolicy(maxAttempts = -1)
        assertFailsWith<IdCardException.Configuration> { Client(ClientConfig(Site.MAINLAND, keys, retry = retry)) }
    }

    @Test
    fun javaCanWriteEveryName() {
        val classes = File(Client::class.java.protectionDomain.codeSource.location.toURI())
        val names = JarFile(classes).use { jar -> jar.entries().asSequence().map { it.name }.filter { it.endsWith(".class") }.toList() }
        assertTrue(names.size > 50, "$names")
        for (name in names) {
            val type = Class.forName(name.removeSuffix(".class").replace('/', '.'), false, javaClass.classLoader)
            // What is internal to Kotlin is nobody's to call.
            if (!Modifier.isPublic(type.modifiers) || "Uniffi" in name || "Ffi" in name || "RustBuffer" in name) continue
            for (member in type.declaredMethods.filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic }) {
                assertFalse('-' in member.name && !member.name.contains('$'), "$type: $member")
                val types = member.parameterTypes.toList() + member.returnType
                assertFalse(types.any { it.name in listOf("kotlin.UInt", "kotlin.ULong", "kotlin.UShort") }, "$member")
            }
        }
    }

    @Test
    fun aScenarioRefusesKeysThatItDoesNotKnow() {
        for (text in listOf(
            """{"name": "mistyped", "typo": 1}""",
            """{"name": "mistyped", "call": {"retry": {"typo": 1}}}""",
            """{"name": "mistyped", "client": {"source": {"typo": 1}}}""",
        )) {
            assertFailsWith<IllegalArgumentException> { Scenario(Json.parseToJsonElement(text).jsonObject) }
        }
    }

    @Test
    fun cancellingACoroutineStopsAtOnce() = runBlocking {
        Sandbox.client().use {
            val call = launch { it.verify(hang.idNumber, hang.name) }
            delay(200)
            assertTrue(measureTime { call.cancelAndJoin() }.inWholeMilliseconds < 100)
        }
    }

    @Test
    fun aCoroutineThatIsCancelledAlreadySendsNothing() = runBlocking {
        Sandbox.client("$SECRET_ID-kotlin-cancelled-before").use { client ->
            val call = launch(Dispatchers.Default) {
                currentCoroutineContext().cancel()
                try {
                    client.verify(match.idNumber, match.name)
                } catch (stopped: CancellationException) {
                    val told = generateSequence<Throwable>(stopped) { it.cause }.flatMap { it.suppressed.asSequence() }
                    assertEquals(Charge.NOT_CHARGED, told.filterIsInstance<IdCardException.Cancelled>().first().charge)
                    throw stopped
                }
            }
            call.join()
            assertEquals(0, client.stats().requests)
        }
    }

    @Test
    fun anAnswerThatIsThereIsNeverToldAsFree() = runBlocking {
        Sandbox.client("$SECRET_ID-kotlin-cancelled-late").use { client ->
            repeat(300) { round ->
                var told: Charge? = null
                val call = launch(Dispatchers.Default) {
                    try {
                        told = client.verify(match.idNumber, match.name, CallOptions(fresh = true)).charge
                    } catch (stopped: CancellationException) {
                        told = generateSequence<Throwable>(stopped) { it.cause }.flatMap { it.suppressed.asSequence() }
                            .filterIsInstance<IdCardException.Cancelled>().first().charge
                    }
                }
                delay((round % 7).milliseconds)
                val before = client.stats()
                call.cancelAndJoin()
                val after = client.stats()
                // What has been charged by now was told so, or not to be known.
                if (after.charged > before.charged) assertTrue(told != Charge.NOT_CHARGED, "$round: $told")
            }
            val stats = client.stats()
            assertEquals(stats.charged + stats.notCharged + stats.unknown, stats.calls)
        }
    }

    @Test
    fun cancellingByHandleSaysWhatIsKnown() {
        Sandbox.client().use { client ->
            CancelHandle().use { handle ->
                val canceller =
                    thread {
                        Thread.sleep(200)
                        handle.cancel()
                    }
                lateinit var error: IdCardException.Cancelled
                val took =
                    measureTime {
                        error = assertFailsWith<IdCardException.Cancelled> {
                            client.verifyBlocking(hang.idNumber, hang.name, CallOptions(cancel = handle))
                        }
                    }
                assertTrue(took.inWholeMilliseconds < 300)
                assertEquals(Charge.UNKNOWN, error.charge)
                canceller.join()
            }
        }
    }

    @Test
    fun aProviderOfCredentials() = runBlocking {
        val provider =
            object : CredentialsProvider {
                var calls = 0

                override suspend fun provide(refused: Credentials?): Credentials {
                    calls += 1
                    if (calls > 1) throw ProviderException.Unavailable("the server is asleep")
                    return Credentials(SECRET_ID, SECRET_KEY)
                }
            }
        val config =
            ClientConfig(
                site = Site.INTERNATIONAL,
                auth = Auth.Provider(provider),
                endpoint = Sandbox.url,
                transport = OkHttpTransport(),
            )
        Client(config).use {
            assertEquals(Verdict.MATCH, it.verify(match.idNumber, match.name).verdict)
            val error = assertFailsWith<IdCardException.Credentials> { it.verify(match.idNumber, match.name) }
            assertEquals("provider: the server is asleep", error.detail)
        }
    }

    @Test
    fun theExampleOfADeviceWithoutAKey() {
        assertEquals("MISMATCH, CHARGED", verifyWithoutAKey())
    }

    @Test
    fun nothingPrintedShowsAPersonOrAKey() {
        val echo = Sandbox.person("fault:echo")
        val config = ClientConfig(site = Site.MAINLAND, auth = Auth.Keys(Credentials(SECRET_ID, SECRET_KEY)))
        val printed = mutableListOf(config.toString(), normalizeName(echo.name).toString())
        Sandbox.client().use { client ->
            printed += client.toString()
            printed += client.verifyBlocking(match.idNumber, match.name).toString()
            for (number in listOf(echo.idNumber, echo.idNumber.dropLast(1) + "x")) {
                val error = assertFailsWith<IdCardException> { client.verifyBlocking(number, echo.name) }
                printed += listOf(error.toString(), error.message.orEmpty(), error.stackTraceToString())
            }
        }
        for (text in printed) {
            for (canary in listOf(echo.name, echo.idNumber, SECRET_KEY)) assertFalse(text.contains(canary), text)
        }
    }

    @Test
    fun aNumberOfFifteenDigitsIsCarriedAndNotShown() {
        val error = assertFailsWith<IdCardException.InvalidInput> { checkIdNumber("001000900101001") }
        val problem = assertIs<InputProblem.FifteenDigits>(error.problem)
        assertEquals("001000199001010019", problem.number)
        for (text in listOf("$problem", "$error", "${error.problem}", error.stackTraceToString())) {
            assertFalse(problem.number in text, text)
        }
    }

    @Test
    fun aPanicIsAnException() {
        val error = assertFailsWith<InternalException> { panicOnRequest(true) }
        assertEquals("a panic on purpose", error.message)
        assertEquals("4", expectedCheckDigit("11204416541220243"))
    }

    @Test
    fun callsLeakNothing() {
        fun run(count: Int): Pair<Long, Int> {
            Sandbox.client().use { client ->
                runBlocking { repeat(count) { client.verify(match.idNumber, match.name) } }
                repeat(count) { client.verifyBlocking(match.idNumber, match.name) }
            }
            System.gc()
            return residentKib() to File("/proc/self/fd").list()!!.size
        }
        if (!File("/proc/self/status").exists()) return
        run(3_000)
        val (memory, files) = run(2_000)
        val (memoryAfter, filesAfter) = run(5_000)
        assertTrue(memoryAfter - memory < 16 * 1024, "grew by ${memoryAfter - memory} KiB")
        // A connection of the client before may still be closing.
        assertTrue(filesAfter <= files + 8, "$filesAfter files, $files before")
    }

    private fun residentKib(): Long =
        File("/proc/self/status").readLines().first { it.startsWith("VmRSS") }.filter(Char::isDigit).toLong()
}
