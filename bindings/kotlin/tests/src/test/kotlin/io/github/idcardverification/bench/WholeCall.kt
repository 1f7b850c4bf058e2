package io.github.idcardverification.bench

import com.sun.management.OperatingSystemMXBean
import io.github.idcardverification.Auth
import io.github.idcardverification.Client
import io.github.idcardverification.ClientConfig
import io.github.idcardverification.Credentials
import io.github.idcardverification.Site
import io.github.idcardverification.okhttp.OkHttpTransport
import java.lang.management.ManagementFactory
import java.net.HttpURLConnection
import java.net.URI
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

private const val ROUNDS = 11
private const val CALLS = 1_600
private const val THREADS = 16
private const val IN_FLIGHT = 64

/**
 * A whole call against the JDK's own HTTP posting as many bytes to the same sandbox, in the same run.
 *
 * The sandbox is a process of its own, so that its work does not count. All take turns, so that what
 * disturbs one disturbs the others. Figures are CPU and wall time per call, and their ratio to the
 * first. Its name keeps it out of the tests: `cargo make bench-kotlin` runs it.
 */
class WholeCall {
    @Test
    fun compare() {
        val command = System.getProperty("command") ?: error("-Dcommand: where idcard-verify is")
        val server = ProcessBuilder(command, "sandbox", "--json", "--rate", "0").start()
        try {
            val line = server.inputStream.bufferedReader().readLine()
            compare(Json.parseToJsonElement(line).jsonObject.getValue("url").jsonPrimitive.content)
        } finally {
            server.destroy()
        }
    }

    private fun compare(url: String) {
        val identities = URI("$url/sandbox/identities").toURL().readText()
        val found =
            Json.parseToJsonElement(identities).jsonArray.map { it.jsonObject }.first {
                it.getValue("key").jsonPrimitive.content == "result:0"
            }
        val number = found.getValue("id_number").jsonPrimitive.content
        val name = found.getValue("name").jsonPrimitive.content
        val config =
            ClientConfig(
                site = Site.INTERNATIONAL,
                auth = Auth.Keys(Credentials("AKIDSANDBOX", "sandbox-secret-key")),
                endpoint = url,
                requestsPerSecond = 1_000_000,
                singleFlight = false,
            )
        val client = Client(config)
        val byOkHttp = Client(config.copy(transport = OkHttpTransport()))
        val body = """{"IdCard":"$number","Name":"$name"}""".toByteArray()

        fun bare() =
            repeat(CALLS) {
                val connection = URI(url).toURL().openConnection() as HttpURLConnection
                connection.doOutput = true
                connection.setRequestProperty("Content-Type", "application/json; charset=utf-8")
                connection.outputStream.use { it.write(body) }
                (if (connection.responseCode < 400) connection.inputStream else connection.errorStream)
                    .use { it.readBytes() }
            }

        fun threads(count: Int) =
            List(count) {
                thread { repeat(CALLS / count) { client.verifyBlocking(number, name) } }
            }.forEach { it.join() }

        fun coroutines(count: Int, by: Client = client) =
            runBlocking(Dispatchers.Default) {
                repeat(count) { launch { repeat(CALLS / count) { by.verify(number, name) } } }
            }

        val ways =
            mapOf(
                "HttpURLConnection" to ::bare,
                "verifyBlocking" to { repeat(CALLS) { client.verifyBlocking(number, name) } },
                "verifyBlocking, $THREADS threads" to { threads(THREADS) },
                "verify" to { coroutines(1) },
                "verify, $IN_FLIGHT at a time" to { coroutines(IN_FLIGHT) },
                "verify by OkHttp" to { coroutines(1, byOkHttp) },
            )
        val machine = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
        val figures = ways.mapValues { mutableListOf<Pair<Double, Double>>() }
        repeat(2 * ROUNDS) { turn ->
            for ((way, run) in ways) {
                val cpu = machine.processCpuTime
                val wall = System.nanoTime()
                run()
                val took = (machine.processCpuTime - cpu).toDouble() to (System.nanoTime() - wall).toDouble()
                // The first half warms up.
                if (turn >= ROUNDS) figures.getValue(way) += took
            }
        }

        fun median(way: String, of: (Pair<Double, Double>) -> Double) =
            figures.getValue(way).map(of).sorted()[ROUNDS / 2] / 1e3 / CALLS
        val base = ways.keys.first()
        for (way in ways.keys) {
            val (cpu, wall) = median(way) { it.first } to median(way) { it.second }
            println(
                "%-28s %7.1f us CPU (%.3f), %7.1f us (%.3f)".format(
                    way, cpu, cpu / median(base) { it.first }, wall, wall / median(base) { it.second },
                ),
            )
        }
    }
}
