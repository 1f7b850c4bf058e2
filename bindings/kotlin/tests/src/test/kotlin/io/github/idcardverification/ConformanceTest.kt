package io.github.idcardverification

import io.github.idcardverification.okhttp.OkHttpTransport
import io.github.idcardverification.tools.checkTransport
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient

/** The contract of a transport: the adapter keeps it, and what breaks it is found out. */
class ConformanceTest {
    @Test
    fun okHttpConforms() = runBlocking { assertEquals(emptyList(), checkTransport(OkHttpTransport())) }

    /** A client that an app has set up for other purposes. */
    @Test
    fun okHttpConformsWhateverTheClientDoes() = runBlocking {
        val client =
            OkHttpClient.Builder()
                .followRedirects(true)
                .retryOnConnectionFailure(true)
                .readTimeout(java.time.Duration.ZERO)
                .build()
        assertEquals(emptyList(), checkTransport(OkHttpTransport(client)))
    }

    /** What an app trusts is trusted, and nothing beyond it. */
    @Test
    fun okHttpTrustsWhomTheAppTrusts() = runBlocking {
        val identity = Sandbox.person("result:0")

        suspend fun verify(endpoint: String): Verification {
            val config =
                ClientConfig(
                    site = Site.INTERNATIONAL,
                    auth = Auth.Keys(Credentials(SECRET_ID, SECRET_KEY)),
                    endpoint = Sandbox.endpoint(endpoint),
                    transport = OkHttpTransport(trusting(Sandbox.endpoint("authority"))),
                )
            return Client(config).use { it.verify(identity.idNumber, identity.name) }
        }
        assertEquals(Verdict.MATCH, verify("https").verdict)
        for (bad in listOf("https-wrong-host", "https-expired", "https-self-signed", "https-old")) {
            val error = assertFailsWith<IdCardException.Network>(bad) { verify(bad) }
            assertEquals(NetworkFailure.TLS, error.failure)
            assertEquals(false, error.sent)
        }
    }

    @Test
    fun aTransportThatMakesItUpIsFoundOut() = runBlocking {
        val transport =
            object : Transport {
                override suspend fun send(request: HttpRequest) = HttpResponse(200, emptyList(), "{}".toByteArray())
            }
        assertTrue(checkTransport(transport).any { it.startsWith("headers and body: ") })
    }
}
