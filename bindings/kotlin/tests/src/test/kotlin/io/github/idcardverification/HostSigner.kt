package io.github.idcardverification

import kotlinx.coroutines.awaitCancellation

/** A remote signer that behaves as the scenario says; it signs with the keys of a backend. */
class HostSigner(private val behaviour: String, private val keys: Credentials) : RemoteSigner {
    override suspend fun sign(request: SigningRequest): RemoteSignature =
        when (behaviour) {
            "signs" -> signDigest(keys, request)
            "fails" -> throw SignerException.Unavailable("the server is asleep")
            "throw" -> throw IllegalStateException("a canary of the host")
            "hang" -> awaitCancellation()
            "forges" -> RemoteSignature("TC3\r\nX-Forged: 1")
            else -> error("unknown behaviour $behaviour")
        }
}
