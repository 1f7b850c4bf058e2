package io.github.idcardverification

import io.github.idcardverification.okhttp.OkHttpTransport
import io.github.idcardverification.tools.checkTransport
import kotlin.test.Test
import kotlin.test.assertEquals
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

    @Test
    fun aTransportThatMakesItUpIsFoundOut() = runBlocking {
        val transport =
            object : Transport {
                override suspend fun send(request: HttpRequest) = HttpResponse(200u, emptyList(), "{}".toByteArray())
            }
        assertTrue(checkTransport(transport).any { it.startsWith("headers and body: ") })
    }
}
