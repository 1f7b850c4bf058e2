package io.github.idcardverification

import io.github.idcardverification.okhttp.OkHttpTransport
import kotlinx.coroutines.awaitCancellation

/** A transport of an application that behaves as the scenario says. */
class HostTransport(private val behaviour: String) : Transport {
    private val okHttp = OkHttpTransport()

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
