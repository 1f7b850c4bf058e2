package io.github.idcardverification.example

import io.github.idcardverification.BlockingRemoteSigner
import io.github.idcardverification.RemoteSignature
import io.github.idcardverification.SignerException
import io.github.idcardverification.SigningRequest
import java.io.IOException
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import org.json.JSONObject

/** Has each request signed by the app's own backend: the device holds no key. */
class Backend(private val http: OkHttpClient, private val url: String, private val session: String) :
    BlockingRemoteSigner {
    override fun signBlocking(request: SigningRequest): RemoteSignature {
        val asked = JSONObject()
            .put("host", request.host).put("service", request.service).put("action", request.action)
            .put("version", request.version).put("timestamp", request.timestamp)
            .put("content_type", request.contentType).put("payload_sha256", request.payloadSha256)
        val body = asked.toString().toRequestBody("application/json".toMediaType())
        val post = Request.Builder().url(url).header("Authorization", "Bearer $session").post(body).build()
        try {
            http.newCall(post).execute().use { answer ->
                if (!answer.isSuccessful) throw SignerException.Unavailable("the backend answers ${answer.code}")
                val signed = JSONObject(answer.body.string())
                return RemoteSignature(signed.getString("authorization"), timestamp = signed.getLong("timestamp"))
            }
        } catch (e: IOException) {
            throw SignerException.Unavailable("the backend cannot be reached")
        }
    }
}
