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
import java.net.ProtocolException
import java.net.UnknownHostException
import java.time.Duration
import java.util.concurrent.atomic.AtomicBoolean
import javax.net.ssl.SSLException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.suspendCancellableCoroutine
import okhttp3.Authenticator
import okhttp3.Call
import okhttp3.Callback
import okhttp3.CookieJar
import okhttp3.Dispatcher
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
 * Whatever the given client does, a request leaves once: redirects, OkHttp's own repeats,
 * authenticators, cookies and cache are off, and an interceptor that proceeds a second time after the
 * request has begun to leave gets an exception. Interceptors themselves stay, because apps pin and
 * trace by them; what they log is the app's to answer for. The call's own timeout is the only one, an
 * `EventListener` goes on listening, and calls have a dispatcher of their own, so that none waits
 * behind the app's and leaves when its time is over.
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
            .addNetworkInterceptor(::once)
            .connectTimeout(Duration.ZERO)
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .dispatcher(
                Dispatcher().apply {
                    maxRequests = MAX_REQUESTS
                    maxRequestsPerHost = MAX_REQUESTS
                },
            )
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
        val status = if (response.code == UNKNOWN_PROXY) PROXY_AUTHENTICATION else response.code
        return HttpResponse(status, headers, source.readByteArray())
    }
}

/** More than the rate limit lets be under way; OkHttp's own limit is 5 for a host. */
private const val MAX_REQUESTS = 1024

/**
 * The last that sees a request before it is written: it lets it pass once, and not when its call has
 * ended. It asks that a connection of HTTP/1.1 end with its answer, which OkHttp then sees to itself.
 */
private fun once(chain: Interceptor.Chain): Response {
    val request = chain.request()
    if (chain.call().isCanceled()) throw IOException("the call has ended")
    request.tag(Departure::class.java)?.leaves()
    val isHttp1 = chain.connection()?.protocol() == Protocol.HTTP_1_1
    val response =
        chain.proceed(if (isHttp1) request.newBuilder().header("Connection", "close").build() else request)
    // OkHttp makes an exception of a 407 that no proxy sent.
    return if (response.code == PROXY_AUTHENTICATION) response.newBuilder().code(UNKNOWN_PROXY).build() else response
}

private const val PROXY_AUTHENTICATION = 407
private const val UNKNOWN_PROXY = 499

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

/** Notes when a request begins to leave, which it may do once. */
private class Departure {
    private val left = AtomicBoolean()

    fun leaves() {
        if (!left.compareAndSet(false, true)) {
            throw ProtocolException("the request has left already, and may be charged")
        }
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
