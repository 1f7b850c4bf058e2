import io.github.idcardverification.Auth
import io.github.idcardverification.Client
import io.github.idcardverification.ClientConfig
import io.github.idcardverification.Credentials
import io.github.idcardverification.HttpRequest
import io.github.idcardverification.HttpResponse
import io.github.idcardverification.IdCardException
import io.github.idcardverification.RemoteSignature
import io.github.idcardverification.RemoteSigner
import io.github.idcardverification.SigningRequest
import io.github.idcardverification.Site
import io.github.idcardverification.Transport
import io.github.idcardverification.Verification
import io.github.idcardverification.okhttp.OkHttpTransport
import io.github.idcardverification.signDigest
import java.time.Duration
import kotlin.system.exitProcess
import kotlinx.coroutines.runBlocking

private const val NUMBER = "001000199001010000"
private const val NAME = "林小满"

/** Signs with keys, where an app would ask its backend. */
private class Signer(private val keys: Credentials) : RemoteSigner {
    override suspend fun sign(request: SigningRequest): RemoteSignature = signDigest(keys, request)
}

private class Broken : Transport {
    override suspend fun send(request: HttpRequest): HttpResponse = throw IllegalStateException("the host's own")
}

private fun config(url: String, auth: Auth, transport: Transport = OkHttpTransport()) =
    ClientConfig(Site.INTERNATIONAL, auth, endpoint = url, transport = transport, timeout = Duration.ofSeconds(20))

private fun told(error: Throwable): String {
    val charge = (error as? IdCardException)?.charge
    return "${error.javaClass.name}: ${error.message}; cause ${error.cause?.javaClass?.name}; $charge"
}

private fun told(answer: Verification) = "${answer.verdict}, ${answer.charge}, ${answer.result.meaning()}"

/** Calls the sandbox at the given address in each way that an app does, and prints a line for each. */
fun main(arguments: Array<String>) {
    val url = arguments.single()
    val keys = Credentials("AKIDSANDBOX", "sandbox-secret-key")
    Client(config(url, Auth.Keys(keys))).use { client ->
        println("blocking: ${told(client.verifyBlocking(NUMBER, NAME))}")
        println("suspending: ${told(runBlocking { client.verify(NUMBER, NAME) })}")
        println("future: ${told(client.verifyAsync(NUMBER, NAME).join())}")
        println("refused: ${told(runCatching { client.verifyBlocking("1", NAME) }.exceptionOrNull()!!)}")
    }
    Client(config(url, Auth.RemoteSigner(Signer(keys)))).use { client ->
        println("signed elsewhere: ${told(client.verifyBlocking(NUMBER, NAME))}")
    }
    Client(config(url, Auth.Keys(keys), Broken())).use { client ->
        println("broken: ${told(runCatching { client.verifyBlocking(NUMBER, NAME) }.exceptionOrNull()!!)}")
    }
    // Threads of OkHttp's stay for a minute.
    exitProcess(0)
}
