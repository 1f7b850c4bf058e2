package io.github.idcardverification

import io.github.idcardverification.okhttp.OkHttpTransport
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import okhttp3.Authenticator
import okhttp3.Call
import okhttp3.Cookie
import okhttp3.CookieJar
import okhttp3.EventListener
import okhttp3.HttpUrl
import okhttp3.OkHttpClient

/** Answers every request alike, and counts them. */
private class Scripted(private val head: String, private val delay: Long = 0) : AutoCloseable {
    private val socket = ServerSocket(0, 200, InetAddress.getLoopbackAddress())
    val requests = AtomicInteger()
    val heads = java.util.Collections.synchronizedList(mutableListOf<String>())
    val url = "http://127.0.0.1:${socket.localPort}"

    init {
        thread(isDaemon = true) {
            while (true) {
                val connection = runCatching { socket.accept() }.getOrNull() ?: break
                thread(isDaemon = true) { runCatching { connection.use(::serve) } }
            }
        }
    }

    private fun serve(connection: java.net.Socket) {
        val input = connection.getInputStream().buffered()
        while (true) {
            val read = StringBuilder()
            while (!read.endsWith("\r\n\r\n")) {
                val byte = input.read()
                if (byte < 0) return
                read.append(byte.toChar())
            }
            val length = Regex("(?i)content-length: (\\d+)").find(read)?.groupValues?.get(1)?.toInt() ?: 0
            input.readNBytes(length)
            heads += read.toString()
            requests.incrementAndGet()
            Thread.sleep(delay)
            connection.getOutputStream().write(head.toByteArray())
            connection.getOutputStream().flush()
        }
    }

    override fun close() = socket.close()
}

/** A charged POST leaves once, whatever the app's client is set up to do. */
class OkHttpTest {
    private val match = Sandbox.person("result:0")
    private val good = """{"Response":{"Result":"0","Description":""}}"""

    private fun client(url: String, http: OkHttpClient, timeout: Long = 5) =
        Client(
            ClientConfig(
                site = Site.INTERNATIONAL,
                auth = Auth.Keys(Credentials(SECRET_ID, SECRET_KEY)),
                endpoint = url,
                transport = OkHttpTransport(http),
                timeout = Duration.ofSeconds(timeout),
                singleFlight = false,
                requestsPerSecond = 0,
            ),
        )

    private fun answer(status: String, headers: String = "", body: String = "") =
        "HTTP/1.1 $status\r\nContent-Length: ${body.length}\r\n$headers\r\n$body"

    private val eager =
        OkHttpClient.Builder()
            .authenticator(Authenticator { _, response -> response.request.newBuilder().header("Authorization", "app").build() })
            .addInterceptor { chain ->
                val response = chain.proceed(chain.request())
                if (response.code < 500) response else response.close().let { chain.proceed(chain.request()) }
            }
            .addInterceptor { chain ->
                try {
                    chain.proceed(chain.request())
                } catch (_: IOException) {
                    chain.proceed(chain.request())
                }
            }
            .build()

    /** Where nobody accepts, nothing leaves, whatever ends the call first. */
    @Test
    fun aConnectionThatNeverComesCostsNothing() {
        ServerSocket(0, 1).use { full ->
            val waiting = List(4) {
                Socket().apply { runCatching { connect(full.localSocketAddress, 200) } }
            }
            client("http://127.0.0.1:${full.localPort}", OkHttpClient(), timeout = 1).use { client ->
                val error = assertFailsWith<IdCardException.Network> { client.verifyBlocking(match.idNumber, match.name) }
                assertEquals(
                    listOf(NetworkFailure.TIMEOUT, false, Charge.NOT_CHARGED),
                    listOf(error.failure, error.sent, error.charge),
                )
            }
            waiting.forEach { it.close() }
        }
    }

    @Test
    fun whatInvitesToARepeatIsNotRepeated() {
        val invitations =
            listOf(
                answer("503 Busy", "Retry-After: 0\r\n"),
                answer("401 No", "WWW-Authenticate: Basic realm=\"a\"\r\n"),
                answer("407 No", "Proxy-Authenticate: Basic realm=\"a\"\r\n"),
                answer("408 Slow"),
                answer("421 Elsewhere"),
                answer("429 Many", "Retry-After: 0\r\n"),
                "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
                "",
            )
        for (invitation in invitations) {
            for (http in listOf(OkHttpClient(), eager)) {
                Scripted(invitation).use { server ->
                    client(server.url, http, timeout = 1).use { client ->
                        val error = assertFailsWith<IdCardException> { client.verifyBlocking(match.idNumber, match.name) }
                        assertEquals(Charge.UNKNOWN, error.charge, invitation)
                    }
                    assertEquals(1, server.requests.get(), invitation)
                }
            }
        }
    }

    @Test
    fun noCookieOfTheAppGoesAlongAndItsListenerListens() {
        val jar =
            object : CookieJar {
                override fun loadForRequest(url: HttpUrl) =
                    listOf(Cookie.Builder().name("sid").value("abc").domain("127.0.0.1").build())

                override fun saveFromResponse(url: HttpUrl, cookies: List<Cookie>) = Unit
            }
        val seen = AtomicInteger()
        val listener =
            object : EventListener() {
                override fun callStart(call: Call) {
                    seen.incrementAndGet()
                }
            }
        val http = OkHttpClient.Builder().cookieJar(jar).eventListener(listener).build()
        Scripted(answer("200 OK", body = good)).use { server ->
            client(server.url, http).use { it.verifyBlocking(match.idNumber, match.name) }
            assertTrue(server.heads.none { "ookie" in it }, "${server.heads}")
        }
        assertEquals(1, seen.get())
    }

    @Test
    fun theTimeIsTheCallsAlone() {
        val http = OkHttpClient.Builder().readTimeout(Duration.ofMillis(200)).callTimeout(Duration.ofMillis(200)).build()
        Scripted(answer("200 OK", body = good), delay = 600).use { server ->
            client(server.url, http).use {
                assertEquals(Charge.CHARGED, it.verifyBlocking(match.idNumber, match.name).charge)
            }
        }
    }

    @Test
    fun moreCallsThanOkHttpsOwnLimitDoNotWaitForEachOther() = runBlocking {
        Scripted(answer("200 OK", body = good), delay = 800).use { server ->
            client(server.url, OkHttpClient()).use { client ->
                val begun = System.nanoTime()
                List(40) { async(Dispatchers.Default) { client.verify(match.idNumber, match.name) } }.awaitAll()
                val took = (System.nanoTime() - begun) / 1_000_000
                assertTrue(took < 4_000, "$took ms")
                assertEquals(40, server.requests.get())
            }
        }
    }
}
