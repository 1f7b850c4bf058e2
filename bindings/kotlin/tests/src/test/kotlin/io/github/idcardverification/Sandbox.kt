package io.github.idcardverification

import io.github.idcardverification.tools.EmbeddedSandbox
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

const val SECRET_ID = "AKIDSANDBOX"
const val SECRET_KEY = "sandbox-secret-key"

/** One sandbox for all tests of this process. */
object Sandbox {
    private val server = EmbeddedSandbox(0)
    private val http = HttpClient.newHttpClient()

    val url: String = server.url()

    private val people: Map<String, Person> by lazy {
        get("/sandbox/identities").jsonArray.map { it.jsonObject }.associate {
            it.text("key") to Person(it.text("id_number"), it.text("name"))
        }
    }

    private val endpoints: JsonObject by lazy { get("/sandbox/endpoints").jsonObject }

    /** What the sandbox's list of places has by this name, or the name. */
    fun endpoint(name: String): String = endpoints[name]?.jsonPrimitive?.content ?: name

    /** Keys to encrypt fields with. */
    val encryptionKeys: JsonObject by lazy { get("/sandbox/encryption").jsonObject }

    fun person(key: String): Person = people.getValue(key)

    fun ledger(account: String): JsonObject = get("/sandbox/ledger?account=$account").jsonObject

    fun setAccount(account: String, settings: JsonObject) {
        val request =
            java.net.http.HttpRequest.newBuilder(URI("$url/sandbox/accounts/$account"))
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(settings.toString()))
                .build()
        check(http.send(request, BodyHandlers.discarding()).statusCode() == 204)
    }

    fun client(account: String = SECRET_ID): Client =
        Client(
            ClientConfig(
                site = Site.INTERNATIONAL,
                auth = Auth.Keys(Credentials(account, SECRET_KEY)),
                endpoint = url,
                requestsPerSecond = 0,
            ),
        )

    private fun get(path: String): JsonElement {
        val request = java.net.http.HttpRequest.newBuilder(URI(url + path)).build()
        return Json.parseToJsonElement(http.send(request, BodyHandlers.ofString()).body())
    }
}

fun JsonObject.text(key: String): String = getValue(key).jsonPrimitive.content
