package io.github.idcardverification.example

import io.github.idcardverification.Auth
import io.github.idcardverification.Client
import io.github.idcardverification.ClientConfig
import io.github.idcardverification.RemoteSignature
import io.github.idcardverification.RemoteSigner
import io.github.idcardverification.SignerException
import io.github.idcardverification.SigningRequest
import io.github.idcardverification.Site
import io.github.idcardverification.okhttp.OkHttpTransport
import io.github.idcardverification.tools.EmbeddedSandbox
import java.io.IOException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.longOrNull
import kotlinx.serialization.json.put
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody

/**
 * Has each request signed by the app's own backend: this device holds no key, and the backend sees
 * the hash of a request and nothing of the person.
 */
class Backend(private val http: OkHttpClient, private val url: String, private val session: String) : RemoteSigner {
    override suspend fun sign(request: SigningRequest): RemoteSignature =
        withContext(Dispatchers.IO) {
            val asked =
                Request.Builder().url(url).header("Authorization", "Bearer $session").post(body(request)).build()
            try {
                http.newCall(asked).execute().use { answer ->
                    if (!answer.isSuccessful) throw SignerException.Unavailable("the backend answers ${answer.code}")
                    val fields = Json.parseToJsonElement(answer.body.string()).jsonObject
                    RemoteSignature(
                        authorization = fields.getValue("authorization").jsonPrimitive.content,
                        token = fields["token"]?.jsonPrimitive?.contentOrNull,
                        timestamp = fields["timestamp"]?.jsonPrimitive?.longOrNull,
                    )
                }
            } catch (e: IOException) {
                throw SignerException.Unavailable("the backend cannot be reached")
            }
        }

    private fun body(request: SigningRequest) =
        buildJsonObject {
            put("host", request.host)
            put("service", request.service)
            put("action", request.action)
            put("version", request.version)
            put("timestamp", request.timestamp.toLong())
            put("content_type", request.contentType)
            put("payload_sha256", request.payloadSha256)
        }.toString().toRequestBody("application/json".toMediaType())
}

/** Verifies one person against the sandbox inside the library, which plays the backend too. */
fun verifyWithoutAKey(): String =
    EmbeddedSandbox().use { sandbox ->
        val http = OkHttpClient()
        // In an app: your own backend, the session of its user, and no `endpoint`.
        val backend = Backend(http, "${sandbox.url()}/sandbox/sign/AKIDSANDBOX", "of-the-user")
        val config =
            ClientConfig(
                site = Site.INTERNATIONAL,
                auth = Auth.RemoteSigner(backend),
                endpoint = sandbox.url(),
                transport = OkHttpTransport(http),
            )
        Client(config).use { client ->
            val answer = runBlocking { client.verify("440305199505132561", "Liu Yang") }
            "${answer.verdict}, ${answer.charge}"
        }
    }

fun main() = println(verifyWithoutAKey())
