package io.github.idcardverification.example

import android.content.Intent
import android.os.Handler
import android.os.Looper
import android.widget.Button
import android.widget.EditText
import android.widget.TextView
import io.github.idcardverification.Auth
import io.github.idcardverification.BlockingRemoteSigner
import io.github.idcardverification.Charge
import io.github.idcardverification.Client
import io.github.idcardverification.HttpRequest
import io.github.idcardverification.HttpResponse
import io.github.idcardverification.IdCardException
import io.github.idcardverification.Transport
import io.github.idcardverification.Verdict
import io.github.idcardverification.tools.EmbeddedSandbox
import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The activity against the sandbox, on the oldest Android that the library has and on a new one. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 34], manifest = Config.NONE)
class MainActivityTest {
    private val sandbox = EmbeddedSandbox(0)
    private val signer = "${sandbox.url()}/sandbox/sign/AKIDSANDBOX"

    @AfterTest
    fun close() = sandbox.close()

    /** What the activity shows once it shows something. */
    private fun shown(number: String, name: String, signer: String = this.signer): String {
        val intent = Intent().putExtra(MainActivity.SIGNER, signer).putExtra(MainActivity.ENDPOINT, sandbox.url())
        Robolectric.buildActivity(MainActivity::class.java, intent).use { controller ->
            val activity = controller.setup().get()
            activity.findViewById<EditText>(android.R.id.text1).setText(number)
            activity.findViewById<EditText>(android.R.id.text2).setText(name)
            activity.findViewById<Button>(android.R.id.button1).performClick()
            val outcome = activity.findViewById<TextView>(android.R.id.message)
            val end = System.nanoTime() + 20_000_000_000
            while (outcome.text.isEmpty() && System.nanoTime() < end) {
                shadowOf(Looper.getMainLooper()).idle()
                Thread.sleep(10)
            }
            return "${outcome.text}"
        }
    }

    @Test
    fun aMatchIsShown() {
        assertEquals("MATCH, CHARGED", shown("001000199001010000", "林小满"))
    }

    @Test
    fun aProblemIsShown() {
        assertEquals("NUMBER_LENGTH, NOT_CHARGED", shown("1", "林小满"))
    }

    @Test
    fun aBackendThatDoesNotAnswerIsShown() {
        val error = shown("001000199001010000", "林小满", signer = "http://127.0.0.1:1/sign")
        assertTrue("the backend cannot be reached" in error, error)
    }

    @Test
    fun aBackendThatRefusesIsShown() {
        val error = shown("001000199001010000", "林小满", signer = "${sandbox.url()}/nothing/here")
        assertTrue("the backend answers 404" in error, error)
    }

    /** As the guide says: the screen stands still meanwhile, and host code is on other threads. */
    @Test
    fun aBlockingCallHoldsTheMainThreadAndNothingElseRunsOnIt() {
        val threads = ConcurrentLinkedQueue<Thread>()
        val config = MainActivity.settings(signer, sandbox.url())
        val through = checkNotNull(config.transport)
        val backend = (config.auth as Auth.RemoteSigner).signer as BlockingRemoteSigner
        val watched =
            config.copy(
                auth = Auth.RemoteSigner(
                    BlockingRemoteSigner {
                        threads += Thread.currentThread()
                        backend.signBlocking(it)
                    },
                ),
                transport = object : Transport {
                    override suspend fun send(request: HttpRequest): HttpResponse {
                        threads += Thread.currentThread()
                        return through.send(request)
                    }
                },
            )
        val main = Looper.getMainLooper()
        assertEquals(main.thread, Thread.currentThread())
        var drawn = false
        Handler(main).post { drawn = true }
        Client(watched).use { client ->
            assertEquals(Verdict.MATCH, client.verifyBlocking("001000199001010000", "林小满").verdict)
        }
        assertFalse(drawn)
        assertEquals(2, threads.size)
        assertFalse(main.thread in threads, "$threads")
    }

    /** The main thread waits for the call, and the signer for the main thread. */
    @Test
    fun aSignerThatNeedsTheMainThreadEndsABlockingCallAtItsTimeout() {
        val signed = CountDownLatch(1)
        val waiting = BlockingRemoteSigner {
            Handler(Looper.getMainLooper()).post { signed.countDown() }
            signed.await()
            error("nobody gets here")
        }
        val config = MainActivity.settings(signer, sandbox.url())
            .copy(auth = Auth.RemoteSigner(waiting), timeout = Duration.ofSeconds(1))
        Client(config).use { client ->
            val error =
                assertFailsWith<IdCardException> { client.verifyBlocking("001000199001010000", "林小满") }
            assertEquals(Charge.NOT_CHARGED, error.charge, "$error")
        }
        assertEquals(1L, signed.count)
    }
}
