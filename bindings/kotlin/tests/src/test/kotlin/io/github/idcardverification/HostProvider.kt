package io.github.idcardverification

import kotlinx.coroutines.awaitCancellation

/** A provider of credentials that behaves as the scenario says. */
class HostProvider(private val behaviour: String, private val account: String) : CredentialsProvider {
    override suspend fun provide(refused: Credentials?): Credentials {
        val token =
            when (behaviour) {
                "fresh" -> "sandbox-token"
                "refreshes" -> if (refused != null) "sandbox-token" else "expired-token"
                "stale" -> "expired-token"
                "fails" -> throw ProviderException.Unavailable("the server is asleep")
                "throw" -> throw IllegalStateException("a canary of the host")
                "hang" -> awaitCancellation()
                else -> error("unknown behaviour $behaviour")
            }
        return Credentials(account, SECRET_KEY, token)
    }
}
