package io.github.idcardverification.tools

import io.github.idcardverification.HttpHeader
import io.github.idcardverification.HttpRequest
import io.github.idcardverification.Transport
import io.github.idcardverification.TransportException

/**
 * Runs a transport of the application against the contract: what it does otherwise, each with the name of a
 * case; nothing when it conforms. It takes some seconds and sends nothing elsewhere.
 */
suspend fun checkTransport(transport: Transport): List<String> = checkTransport(Probe(transport))

/** The same transport, in the types of the tools, which are a library of their own. */
private class Probe(private val transport: Transport) : ProbedTransport {
    override suspend fun send(request: ProbedRequest): ProbedResponse {
        val headers = request.headers.map { HttpHeader(it.name, it.value) }
        val asked = HttpRequest(request.url, headers, request.body, request.timeout, request.maxResponseBytes)
        try {
            val response = transport.send(asked)
            return ProbedResponse(response.status, response.headers.map { ProbedHeader(it.name, it.value) }, response.body)
        } catch (failed: TransportException.Failed) {
            throw ProbedException.Failed(ProbedFailure.valueOf(failed.failure.name), failed.sent)
        }
    }
}
