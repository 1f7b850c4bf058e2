package io.github.idcardverification

import java.io.File
import java.time.Duration
import kotlin.concurrent.thread
import kotlin.test.assertEquals
import kotlin.time.measureTime
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.add

/** A scenario of `tests/scenarios`, which all languages share. */
class Scenario(private val json: JsonObject) {
    val name: String = json.text("name")
    private val client = json.part("client")
    private val expect = json.part("expect")

    init {
        KEYS.forEach { (part, keys) ->
            val unknown = (if (part.isEmpty()) json else json.part(part)).keys - keys
            require(unknown.isEmpty()) { "$name: unknown keys $unknown" }
        }
    }

    /** Runs it and compares every field of what came of it. */
    fun run(awaited: Boolean) {
        json["function"]?.let {
            assertEquals<JsonElement>(expect, callFunction(it.jsonPrimitive.content, json.text("given")))
            return
        }
        val call = json.part("call")
        val mode = if (awaited) "async" else "blocking"
        val suffix = client["secret_id_suffix"]?.jsonPrimitive?.content.orEmpty()
        val slug = name.filter { it in 'a'..'z' || it in 'A'..'Z' || it in '0'..'9' }
        val account = client["secret_id"]?.jsonPrimitive?.content ?: "$SECRET_ID-kotlin-$mode-$slug$suffix"
        json["account"]?.let { Sandbox.setAccount(account, it.jsonObject) }
        var actual = JsonObject(emptyMap())
        var took = kotlin.time.Duration.ZERO
        repeat(call["repeat"]?.jsonPrimitive?.int ?: 1) {
            took = measureTime { actual = outcome(account, call, awaited) }
        }
        assertEquals(folded(expect), folded(actual))
        json["within_ms"]?.let { check(took.inWholeMilliseconds <= it.jsonPrimitive.long) { "took $took" } }
        json["ledger"]?.jsonObject?.let { expected ->
            val ledger = Sandbox.ledger(account)
            assertEquals(0, ledger.getValue("redirects_followed").jsonPrimitive.int)
            assertEquals<Map<String, JsonElement>>(expected, ledger.filterKeys { it in expected })
        }
    }

    private fun outcome(account: String, call: JsonObject, awaited: Boolean): JsonObject {
        val person =
            call["identity"]?.let { Sandbox.person(it.jsonPrimitive.content) }
                ?: Person(call.text("id_number"), call.text("name"))
        val cancelAfter = call["cancel_after_ms"]?.jsonPrimitive?.long
        val handle = cancelAfter?.let { CancelHandle() }
        if (cancelAfter == 0L) handle?.cancel()
        val canceller =
            handle?.let {
                thread {
                    Thread.sleep(cancelAfter)
                    it.cancel()
                }
            }
        val options =
            CallOptions(
                timeout = call["timeout_ms"]?.let { Duration.ofMillis(it.jsonPrimitive.long) },
                localCheck = call["local_check"]?.jsonPrimitive?.boolean,
                cancel = handle,
            )
        return try {
            Client(config(account)).use {
                describe(
                    if (awaited) {
                        runBlocking { it.verify(person.idNumber, person.name, options) }
                    } else {
                        it.verifyBlocking(person.idNumber, person.name, options)
                    },
                )
            }
        } catch (e: IdCardException) {
            describe(e)
        } finally {
            canceller?.join()
            handle?.close()
        }
    }

    private fun config(account: String): ClientConfig {
        fun text(key: String) = client[key]?.jsonPrimitive?.content
        return ClientConfig(
            site = Site.INTERNATIONAL,
            credentials = Credentials(account, text("secret_key") ?: SECRET_KEY, text("token")),
            endpoint =
                when (val endpoint = text("endpoint")) {
                    null -> Sandbox.url
                    "refused" -> "http://127.0.0.1:1"
                    "tls" -> Sandbox.url.replace("http:", "https:")
                    else -> endpoint
                },
            timeout = client["timeout_ms"]?.let { Duration.ofMillis(it.jsonPrimitive.long) },
            localCheck = client["local_check"]?.jsonPrimitive?.boolean ?: true,
            language = text("language")?.let { Language.valueOf(it.uppercase()) },
            transport = text("transport")?.let { HostTransport(it) },
        )
    }

    companion object {
        private val KEYS =
            mapOf(
                "" to setOf(
                    "name", "account", "client", "call", "function", "given", "within_ms", "expect", "ledger",
                ),
                "client" to setOf(
                    "secret_id", "secret_id_suffix", "secret_key", "token", "endpoint", "timeout_ms",
                    "local_check", "language", "transport",
                ),
                "call" to setOf(
                    "identity", "id_number", "name", "local_check", "timeout_ms", "cancel_after_ms", "repeat",
                ),
                "ledger" to setOf("requests", "charged"),
            )
        private val VARIANTS = setOf("verdict", "result", "charge", "kind", "error_code", "problem", "failure")

        /** All scenarios of all files; one that is not understood fails the run. */
        fun load(): List<Scenario> =
            File(System.getProperty("scenarios")).listFiles { file -> file.extension == "json" }!!.sorted()
                .flatMap { Json.parseToJsonElement(it.readText()).jsonArray }
                .map { Scenario(it.jsonObject) }

        /** Names of variants without regard to how a language writes them. */
        private fun folded(fields: JsonObject): Map<String, JsonElement> =
            fields.mapValues { (name, value) ->
                if (name in VARIANTS) {
                    JsonPrimitive(value.jsonPrimitive.content.lowercase().filter { it.isLetterOrDigit() })
                } else {
                    value
                }
            }
    }
}

private fun JsonObject.part(key: String): JsonObject = this[key]?.jsonObject ?: JsonObject(emptyMap())

/** Name of a variant, of an enumeration or of a sealed class. */
private fun variant(value: Any): String = (value as? Enum<*>)?.name ?: value::class.simpleName!!

private fun callFunction(function: String, given: String): JsonElement {
    if (function == "expected_check_digit") {
        return buildJsonObject { put("value", expectedCheckDigit(given)?.let { JsonPrimitive(it) } ?: JsonNull) }
    }
    val normalized =
        when (function) {
            "normalize_name" -> normalizeName(given)
            "normalize_id_number" -> normalizeIdNumber(given)
            else -> error("unknown function $function")
        }
    return buildJsonObject {
        put("value", normalized.value)
        putJsonArray("changes") {
            normalized.changes.forEach { change ->
                add(change.name.split("_").joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) })
            }
        }
    }
}

private fun describe(answer: Verification): JsonObject =
    buildJsonObject {
        put("verdict", variant(answer.verdict))
        put("result", variant(answer.result))
        put("code", answer.code)
        put("charge", variant(answer.charge))
        put("attempts", answer.attempts.toInt())
        put("request_id", answer.requestId.isNotEmpty())
    }

private fun describe(error: IdCardException): JsonObject =
    buildJsonObject {
        fun free() {
            put("charge", variant(error.charge))
            put("attempts", 0)
        }
        fun cost(charge: Charge, attempts: UInt) {
            put("charge", variant(charge))
            put("attempts", attempts.toInt())
        }
        // Without an else: the compiler tells when there is a new kind of error.
        when (error) {
            is IdCardException.InvalidInput -> {
                put("error", "invalid_input")
                put("field", error.field)
                put("problem", variant(error.problem))
                put("text", error.text.removePrefix("${error.field}: "))
                free()
            }
            is IdCardException.Configuration -> {
                put("error", "configuration")
                put("text", error.detail)
                free()
            }
            is IdCardException.Credentials -> {
                put("error", "credentials")
                put("text", error.detail)
                free()
            }
            is IdCardException.Network -> {
                put("error", "network")
                put("failure", variant(error.failure))
                put("sent", error.sent)
                cost(error.charge, error.attempts)
            }
            is IdCardException.Cancelled -> {
                put("error", "cancelled")
                put("sent", error.sent)
                cost(error.charge, error.attempts)
            }
            is IdCardException.Service -> {
                put("error", "service")
                put("kind", variant(error.kind))
                put("error_code", variant(error.errorCode))
                put("code", error.code)
                put("request_id", error.requestId != null)
                cost(error.charge, error.attempts)
            }
            is IdCardException.UnreadableAnswer -> {
                put("error", "unreadable_answer")
                put("problem", variant(error.problem))
                put("detail", error.detail)
                put("http_status", error.httpStatus.toInt())
                put("request_id", error.requestId != null)
                cost(error.charge, error.attempts)
            }
        }
    }
