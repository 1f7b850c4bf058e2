package io.github.idcardverification

import java.io.File
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlin.concurrent.thread
import kotlin.test.assertEquals
import kotlin.time.measureTime
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
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
import kotlinx.serialization.json.addJsonObject

/** A scenario of `tests/scenarios`, which all languages share. */
class Scenario(private val json: JsonObject) {
    val name: String = json.text("name")
    private val client = json.part("client")
    private val expect = json.part("expect")

    init {
        KEYS.forEach { (part, keys) ->
            val place = part.split('.').filter(String::isNotEmpty).fold(json) { place, key -> place.part(key) }
            val unknown = place.keys - keys
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
        val leaks = Leaks(canaries(call))
        var outcomes = emptyList<JsonObject>()
        var took = kotlin.time.Duration.ZERO
        var stats: ClientStats? = null
        try {
            val config = config(account)
            leaks.check(config.toString())
            Client(config).use { made ->
                leaks.check(made.toString())
                repeat(call["repeat"]?.jsonPrimitive?.int ?: 1) { number ->
                    if (number > 0) call["pause_ms"]?.let { Thread.sleep(it.jsonPrimitive.long) }
                    took = measureTime { outcomes = outcomes(made, call, awaited, leaks) }
                }
                stats = made.stats()
            }
        } catch (e: IdCardException) {
            leaks.check(e)
            outcomes = listOf(describe(e))
        }
        leaks.checkLogs()
        val remaining = outcomes.map(::folded).toMutableList()
        if (!remaining.remove(folded(expect))) assertEquals(folded(expect), remaining.first())
        val others = json["others"]?.jsonObject ?: expect
        remaining.forEach { assertEquals(folded(others), it) }
        stats?.let { compareStats(it) }
        json["within_ms"]?.let { check(took.inWholeMilliseconds <= it.jsonPrimitive.long) { "took $took" } }
        json["ledger"]?.jsonObject?.let { expected ->
            val ledger = Sandbox.ledger(account)
            assertEquals(0, ledger.getValue("redirects_followed").jsonPrimitive.int)
            assertEquals<Map<String, JsonElement>>(expected, ledger.filterKeys { it in expected })
        }
    }

    private fun compareStats(stats: ClientStats) {
        val actual =
            mapOf(
                "calls" to stats.calls, "requests" to stats.requests, "retries" to stats.retries,
                "charged" to stats.charged, "not_charged" to stats.notCharged, "unknown" to stats.unknown,
                "shared" to stats.shared, "remembered" to stats.remembered,
                "latency" to stats.latency.sumOf { it.calls },
            )
        json.part("stats").forEach { (name, expected) ->
            assertEquals(expected.jsonPrimitive.long, actual.getValue(name), "stats: $name")
        }
    }

    /** The outcomes of one call, or of as many at once as the scenario says. */
    private fun outcomes(client: Client, call: JsonObject, awaited: Boolean, leaks: Leaks): List<JsonObject> {
        val person = person(call)
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
                retry = call["retry"]?.let { retryPolicy(it.jsonObject) },
                fresh = call["fresh"]?.jsonPrimitive?.boolean ?: false,
            )
        val count = call["parallel"]?.jsonPrimitive?.int ?: 1
        val own = call["encryption"]?.let { callerEncryption(it.jsonObject) }
        try {
            if (awaited) {
                return runBlocking {
                    val calls = List(count) { async { outcome(leaks) { client.verify(person.idNumber, person.name, options, own) } } }
                    calls.awaitAll()
                }
            }
            val pool = Executors.newFixedThreadPool(count)
            val calls =
                List(count) {
                    pool.submit(Callable { outcome(leaks) { client.verifyBlocking(person.idNumber, person.name, options, own) } })
                }
            return calls.map { it.get() }.also { pool.shutdown() }
        } finally {
            canceller?.join()
            handle?.close()
        }
    }

    private fun person(call: JsonObject): Person =
        call["identity"]?.let { Sandbox.person(it.jsonPrimitive.content) }
            ?: Person(call.text("id_number"), call.text("name"))

    private fun canaries(call: JsonObject): List<String> {
        val person = person(call)
        return listOf(person.idNumber, person.name, SECRET_KEY, client["secret_key"]?.jsonPrimitive?.content.orEmpty())
    }

    private inline fun outcome(leaks: Leaks, verify: () -> Verification): JsonObject =
        try {
            describe(verify().also { leaks.check(it.toString()) })
        } catch (e: IdCardException) {
            leaks.check(e)
            describe(e)
        }

    private fun retryPolicy(retry: JsonObject) =
        RetryPolicy(
            maxAttempts = retry["max_attempts"]?.jsonPrimitive?.int ?: 3,
            baseDelay = retry["base_delay_ms"]?.let { Duration.ofMillis(it.jsonPrimitive.long) },
            maxDelay = retry["max_delay_ms"]?.let { Duration.ofMillis(it.jsonPrimitive.long) },
            retryUnknownCharge = retry["retry_unknown_charge"]?.jsonPrimitive?.boolean ?: false,
        )

    private fun config(account: String): ClientConfig {
        fun text(key: String) = client[key]?.jsonPrimitive?.content
        fun flag(key: String, usual: Boolean) = client[key]?.jsonPrimitive?.boolean ?: usual
        fun keys() = Credentials(account, text("secret_key") ?: SECRET_KEY, text("token"))
        val provider = text("provider")
        val signer = text("signer")
        return ClientConfig(
            site = Site.INTERNATIONAL,
            auth =
                when {
                    signer != null -> Auth.RemoteSigner(HostSigner(signer, keys()))
                    provider != null -> Auth.Provider(HostProvider(provider, account))
                    "source" in client -> source(client.part("source"), account)
                    else -> Auth.Keys(keys())
                },
            retry = client["retry"]?.let { retryPolicy(it.jsonObject) },
            requestsPerSecond = client["requests_per_second"]?.jsonPrimitive?.int,
            singleFlight = flag("single_flight", true),
            cacheTtl = client["cache_ttl_ms"]?.let { Duration.ofMillis(it.jsonPrimitive.long) },
            rememberDailyLimits = flag("remember_daily_limits", true),
            endpoint =
                when (val endpoint = text("endpoint")) {
                    null -> Sandbox.url
                    "refused" -> "http://127.0.0.1:1"
                    "tls" -> Sandbox.url.replace("http:", "https:")
                    else -> Sandbox.endpoint(endpoint)
                },
            proxy = text("proxy")?.let { Sandbox.endpoint(it) },
            extraRoots = text("extra_roots")?.let { Sandbox.endpoint(it) },
            timeout = client["timeout_ms"]?.let { Duration.ofMillis(it.jsonPrimitive.long) },
            poolIdleTimeout = client["pool_idle_timeout_ms"]?.let { Duration.ofMillis(it.jsonPrimitive.long) },
            localCheck = flag("local_check", true),
            language = text("language")?.let { Language.valueOf(it.uppercase()) },
            transport = text("transport")?.let { HostTransport(it) },
            encryption = client["encryption"]?.let { fieldEncryption(it.jsonObject) },
        )
    }

    private fun source(given: JsonObject, account: String): Auth {
        fun text(key: String) = given[key]?.jsonPrimitive?.content
        val role = text("role") ?: account
        val endpoint = if (text("endpoint") == "refused") "http://127.0.0.1:1" else text("endpoint") ?: Sandbox.url
        return when (val kind = text("kind")) {
            "cvm_role" -> Auth.CvmRole(role, endpoint)
            "tke_oidc" ->
                Auth.TkeOidc(
                    TkeOidc(
                        region = "ap-guangzhou",
                        providerId = "sandbox-provider",
                        tokenFile =
                            "${System.getProperty("scenarios")}/files/${text("token_file") ?: "web-identity-token"}",
                        roleArn = "qcs::cam::uin/100:roleName/$role",
                        endpoint = endpoint,
                    ),
                )
            else -> error("unknown source $kind")
        }
    }

    private fun fieldEncryption(settings: JsonObject): FieldEncryption {
        val key = settings["public_key"]?.jsonPrimitive?.content
        val algorithms = mapOf("Aes256Cbc" to EncryptionAlgorithm.AES256_CBC, "Sm4Gcm" to EncryptionAlgorithm.SM4_GCM)
        return FieldEncryption(
            algorithm = settings["algorithm"]?.let { algorithms.getValue(it.jsonPrimitive.content) },
            publicKey = key?.let { Sandbox.encryptionKeys[it]?.jsonPrimitive?.content ?: it },
            fields = settings["fields"]?.let(::texts),
            allowSm4GcmNonceReuse = settings["allow_sm4_gcm_nonce_reuse"]?.jsonPrimitive?.boolean ?: false,
        )
    }

    private fun callerEncryption(given: JsonObject) =
        Encryption(
            encryptedFields = texts(given.getValue("encrypted_fields")),
            ciphertextBlob = given.text("ciphertext_blob"),
            iv = given.text("iv"),
            algorithm = given["algorithm"]?.jsonPrimitive?.content,
            tagList = given["tag_list"]?.let(::texts),
        )

    private fun texts(list: JsonElement): List<String> = list.jsonArray.map { it.jsonPrimitive.content }

    companion object {
        private val RETRY = setOf("max_attempts", "base_delay_ms", "max_delay_ms", "retry_unknown_charge")
        private val KEYS =
            mapOf(
                "" to setOf(
                    "name", "account", "client", "call", "function", "given", "within_ms", "expect", "others",
                    "stats", "ledger",
                ),
                "client" to setOf(
                    "secret_id", "secret_id_suffix", "secret_key", "token", "endpoint", "timeout_ms", "pool_idle_timeout_ms",
                    "local_check", "language", "transport", "provider", "signer", "source", "retry", "requests_per_second",
                    "single_flight", "cache_ttl_ms", "remember_daily_limits", "proxy", "extra_roots", "encryption",
                ),
                "call" to setOf(
                    "identity", "id_number", "name", "encryption", "local_check", "timeout_ms", "cancel_after_ms", "repeat", "pause_ms",
                    "parallel", "retry", "fresh",
                ),
                "ledger" to setOf("requests", "charged", "credential_requests"),
                "account" to setOf("requests_per_second", "clock_offset_seconds", "next", "credentials"),
                "stats" to setOf(
                    "calls", "requests", "retries", "charged", "not_charged", "unknown", "shared", "remembered", "latency",
                ),
                "client.retry" to RETRY,
                "call.retry" to RETRY,
                "client.source" to setOf("kind", "role", "token_file", "endpoint"),
                "client.encryption" to setOf("algorithm", "public_key", "fields", "allow_sm4_gcm_nonce_reuse"),
                "call.encryption" to setOf("encrypted_fields", "ciphertext_blob", "iv", "algorithm", "tag_list"),
            )
        private val VARIANTS = setOf("verdict", "result", "charge", "kind", "error_code", "problem", "failure", "origin", "retry")

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
        putJsonArray("private_use") {
            normalized.privateUse.forEach { one ->
                addJsonObject {
                    put("position", one.position.toLong())
                    put("code_point", one.codePoint)
                    put("standard", one.standard)
                }
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
        put("attempts", answer.attempts)
        put("request_id", answer.requestId.isNotEmpty())
        // Left out when they are as usual.
        if (answer.retry != Retry.NEVER) put("retry", variant(answer.retry))
        if (answer.origin != AnswerOrigin.SERVICE) put("origin", variant(answer.origin))
        if (answer.uncertainAttempts > 0) put("uncertain_attempts", answer.uncertainAttempts)
    }

private fun describe(error: IdCardException): JsonObject =
    buildJsonObject {
        if (error.retry != Retry.NEVER) put("retry", variant(error.retry))
        put("charge", variant(error.charge))
        put("attempts", error.attempts)
        // Without an else: the compiler tells when there is a new kind of error.
        when (error) {
            is IdCardException.InvalidInput -> {
                put("error", "invalid_input")
                put("field", error.field)
                put("problem", variant(error.problem.kind()))
                put("text", error.message!!.removePrefix("${error.field}: "))
            }
            is IdCardException.Configuration -> {
                put("error", "configuration")
                put("text", error.detail)
            }
            is IdCardException.Credentials -> {
                put("error", "credentials")
                put("text", error.detail)
            }
            is IdCardException.Ledger -> {
                put("error", "ledger")
                put("problem", variant(error.problem))
            }
            is IdCardException.Network -> {
                put("error", "network")
                put("failure", variant(error.failure))
                put("sent", error.sent)
            }
            is IdCardException.Cancelled -> {
                put("error", "cancelled")
                put("sent", error.sent)
            }
            is IdCardException.Service -> {
                put("error", "service")
                put("kind", variant(error.kind))
                put("error_code", variant(error.errorCode))
                put("code", error.code)
                put("request_id", error.requestId != null)
            }
            is IdCardException.UnreadableAnswer -> {
                put("error", "unreadable_answer")
                put("problem", variant(error.problem))
                put("detail", error.detail)
                put("http_status", error.httpStatus)
                put("request_id", error.requestId != null)
            }
            is IdCardException.Panic -> {
                put("error", "panic")
            }
        }
    }
