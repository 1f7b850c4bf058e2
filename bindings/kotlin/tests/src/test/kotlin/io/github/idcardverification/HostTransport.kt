package io.github.idcardverification

import io.github.idcardverification.okhttp.OkHttpTransport
import java.security.KeyStore
import java.security.cert.CertificateFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager
import kotlinx.coroutines.awaitCancellation
import okhttp3.OkHttpClient

/** A client that trusts an authority, given as PEM, alone. */
fun trusting(authority: String): OkHttpClient {
    val certificate = CertificateFactory.getInstance("X.509").generateCertificate(authority.byteInputStream())
    val roots = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) }
    roots.setCertificateEntry("authority", certificate)
    val factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(roots) }
    val manager = factory.trustManagers.filterIsInstance<X509TrustManager>().single()
    val context = SSLContext.getInstance("TLS").apply { init(null, arrayOf(manager), null) }
    return OkHttpClient.Builder().sslSocketFactory(context.socketFactory, manager).build()
}

/** A transport of an application that behaves as the scenario says. */
class HostTransport(private val behaviour: String) : Transport {
    private val okHttp = OkHttpTransport(trusting(Sandbox.endpoint("authority")))

    override suspend fun send(request: HttpRequest): HttpResponse =
        when (behaviour) {
            "pass" -> okHttp.send(request)
            "fail_before" -> throw TransportException.Failed(NetworkFailure.CONNECT, false)
            "fail_after" -> {
                okHttp.send(request)
                throw TransportException.Failed(NetworkFailure.INTERRUPTED, true)
            }
            "too_large" -> throw TransportException.Failed(NetworkFailure.ANSWER_TOO_LARGE, true)
            "throw" -> throw IllegalStateException("a canary of the host")
            "hang" -> awaitCancellation()
            else -> error("unknown behaviour $behaviour")
        }
}
