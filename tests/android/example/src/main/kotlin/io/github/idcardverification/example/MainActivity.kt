package io.github.idcardverification.example

import android.app.Activity
import android.os.Bundle
import android.widget.Button
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.TextView
import io.github.idcardverification.Auth
import io.github.idcardverification.Client
import io.github.idcardverification.ClientConfig
import io.github.idcardverification.IdCardException
import io.github.idcardverification.Site
import io.github.idcardverification.okhttp.OkHttpTransport
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import okhttp3.OkHttpClient

/** Asks for a number and a name, and shows what the service says of them. */
class MainActivity : Activity() {
    private val scope = MainScope()
    private lateinit var client: Client

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        client = Client(settings(intent.getStringExtra(SIGNER) ?: MY_BACKEND, intent.getStringExtra(ENDPOINT)))
        val number = EditText(this).apply { id = android.R.id.text1 }
        val name = EditText(this).apply { id = android.R.id.text2 }
        val outcome = TextView(this).apply { id = android.R.id.message }
        val verify = Button(this).apply {
            id = android.R.id.button1
            text = "Verify"
            setOnClickListener { verify("${number.text}", "${name.text}", outcome) }
        }
        setContentView(
            LinearLayout(this).apply {
                orientation = LinearLayout.VERTICAL
                listOf(number, name, verify, outcome).forEach(::addView)
            },
        )
    }

    /** The call is off the main thread by itself, and the outcome is here again. */
    private fun verify(number: String, name: String, outcome: TextView) {
        scope.launch {
            outcome.text =
                try {
                    val answer = client.verify(number, name)
                    "${answer.verdict}, ${answer.charge}"
                } catch (e: IdCardException.InvalidInput) {
                    "${e.problem.kind()}, ${e.charge}"
                } catch (e: IdCardException) {
                    "${e.message}; try again: ${e.retry}"
                }
        }
    }

    override fun onDestroy() {
        // What is under way ends at once, and may have been charged. An app whose screen can turn makes its calls in a
        // ViewModel, which lives on.
        scope.cancel()
        client.close()
        super.onDestroy()
    }

    companion object {
        const val SIGNER = "signer"
        const val ENDPOINT = "endpoint"
        private const val MY_BACKEND = "https://api.example.com/sign"

        /** An app has no [endpoint]; a test gives that of the sandbox. */
        fun settings(signer: String, endpoint: String? = null): ClientConfig {
            val http = OkHttpClient()
            val backend = Backend(http, signer, session = "of-the-user")
            return ClientConfig(
                Site.INTERNATIONAL,
                Auth.RemoteSigner(backend),
                endpoint = endpoint,
                transport = OkHttpTransport(http),
            )
        }
    }
}
