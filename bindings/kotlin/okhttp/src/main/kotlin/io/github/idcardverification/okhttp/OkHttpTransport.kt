package io.github.idcardverification.okhttp

import io.github.idcardverification.HttpHeader
import io.github.idcardverification.HttpRequest
import io.github.idcardverification.HttpResponse
import io.github.idcardverification.NetworkFailure
import io.github.idcardverification.Transport
import io.github.idcardverification.TransportException
import java.io.IOException
import java.io.InterruptedIOException
import java.net.ConnectException
import java.net.UnknownHostException
import java.util.concurrent.atomic.AtomicBoolean
import javax.net.ssl.SSLException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.suspendCancellableCoroutine
import okhttp3.Authenticator
import okhttp3.Call
import okhttp3.Callback
import okhttp3.CookieJar
import okhttp3.EventListener
import okhttp3.Interceptor
import okhttp3.OkHttpClient
import okhttp3.Protocol
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.Response
import okio.BufferedSink

/**
 * Sends requests by the app's OkHttp, with its trust store, proxies and connection pool.
 *
 * Redirects, OkHttp's own repeats, authenticators, cookies and cache are off whatever the given client
 * does: a redirect would carry personal data elsewhere, and a repeat could be charged twice.
 *
 * Under HTTP/1.1 each request has a connection of its own. OkHttp does not look at a connection again
 * that was idle for less than ten seconds: a request on one that the server has closed fails as if it
 * might be charged, and one that holds an answer nobody asked for would get it. HTTP/2, where a
 * number ties an answer to its request, shares connections.
 */
class OkHttpTransport(client: OkHttpClient = OkHttpClient()) : Transport {
    private val client: OkHttpClient =
        client.newBuilder()
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .authenticator(Authenticator.NONE)
            .cookieJar(CookieJar.NO_COOKIES)
            .cache(null)
            .addNetworkInterceptor(::onceUnderHttp1)
            .eventListenerFactory { call -> call.request().tag(Departure::class.java) ?: EventListener.NONE }
            .build()

    override suspend fun send(request: HttpRequest): HttpResponse {
        val departure = Departure()
        val call = client.newCall(okHttpRequest(request, departure))
        call.timeout().timeout(request.timeout.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)
        return suspendCancellableCoroutine { continuation ->
            continuation.invokeOnCancellation { call.cancel() }
            call.enqueue(
                object : Callback {
                    override fun onFailure(call: Call, e: IOException) {
                        continuation.resumeWithException(departure.failed(e))
                    }

                    override fun onResponse(call: Call, response: Response) {
                        try {
                            continuation.resume(response.use { answer(it, request.maxResponseBytes.toLong()) })
                        } catch (e: IOException) {
                            continuation.resumeWithException(departure.failed(e))
                        } catch (e: TransportException) {
                            continuation.resumeWithException(e)
                        }
                    }
                },
            )
        }
    }

    private fun okHttpRequest(request: HttpRequest, departure: Departure): Request {
        val builder = Request.Builder().url(request.url).post(Bytes(request.body)).tag(Departure::class.java, departure)
        request.headers.forEach { builder.header(it.name, it.value) }
        return builder.build()
    }

    private fun answer(response: Response, limit: Long): HttpResponse {
        val source = response.body.source()
        if (source.request(limit + 1)) {
            throw TransportException.Failed(NetworkFailure.ANSWER_TOO_LARGE, true)
        }
        val headers = response.headers.map { (name, value) -> HttpHeader(name, value) }
        return HttpResponse(response.code.toUShort(), headers, source.readByteArray())
    }
}

/** Asks that a connection of HTTP/1.1 end with its answer, which OkHttp then sees to itself. */
private fun onceUnderHttp1(chain: Interceptor.Chain): Response {
    val request = chain.request()
    val isHttp1 = chain.connection()?.protocol() == Protocol.HTTP_1_1
    return chain.proceed(if (isHttp1) request.newBuilder().header("Connection", "close").build() else request)
}

/** Bytes without a media type: the one in the headers is the one that was signed. */
private class Bytes(private val bytes: ByteArray) : RequestBody() {
    override fun contentType() = null

    override fun contentLength() = bytes.size.toLong()

    // OkHttp repeats no request whose body it may write once.
    override fun isOneShot() = true

    override fun writeTo(sink: BufferedSink) {
        sink.write(bytes)
    }
}

/** Notes when a request begins to leave. */
private class Departure : EventListener() {
    private val left = AtomicBoolean()

    override fun requestHeadersStart(call: Call) {
        left.set(true)
    }

    fun failed(error: IOException): TransportException {
        val failure =
            when (error) {
                is SSLException -> NetworkFailure.TLS
                is InterruptedIOException -> NetworkFailure.TIMEOUT
                is ConnectException, is UnknownHostException -> NetworkFailure.CONNECT
                else -> NetworkFailure.INTERRUPTED
            }
        return TransportException.Failed(failure, left.get())
    }
}
