package io.github.idcardverification

import kotlinx.coroutines.runInterruptible

/**
 * A [Transport] that blocks, for Java and for HTTP stacks without coroutines. It is called on threads that
 * may wait, and its thread is interrupted when the call ends before it. The contract is [Transport.send]'s.
 */
fun interface BlockingTransport : Transport {
    /** Sends the request and waits for its answer. Throws [TransportException]. */
    @Throws(TransportException::class)
    fun sendBlocking(request: HttpRequest): HttpResponse

    override suspend fun send(request: HttpRequest): HttpResponse = runInterruptible { sendBlocking(request) }
}

/** A [CredentialsProvider] that blocks. The contract is [CredentialsProvider.provide]'s. */
fun interface BlockingCredentialsProvider : CredentialsProvider {
    /** The keys to sign the next request with. Throws [ProviderException]. */
    @Throws(ProviderException::class)
    fun provideBlocking(refused: Credentials?): Credentials

    override suspend fun provide(refused: Credentials?): Credentials = runInterruptible { provideBlocking(refused) }
}

/** A [RemoteSigner] that blocks. The contract is [RemoteSigner.sign]'s. */
fun interface BlockingRemoteSigner : RemoteSigner {
    /** Has the request signed where the key is. Throws [SignerException]. */
    @Throws(SignerException::class)
    fun signBlocking(request: SigningRequest): RemoteSignature

    override suspend fun sign(request: SigningRequest): RemoteSignature = runInterruptible { signBlocking(request) }
}

/** A [Ledger] that blocks. The contract is [Ledger]'s. */
interface BlockingLedger : Ledger {
    /** Claims a call, before its first request may leave. Throws [LedgerException]. */
    @Throws(LedgerException::class)
    fun claimBlocking(claim: LedgerClaim): ClaimState

    /** Says what came of a call that was claimed. Throws [LedgerException]. */
    @Throws(LedgerException::class)
    fun settleBlocking(claim: LedgerClaim, outcome: LedgerOutcome)

    override suspend fun claim(claim: LedgerClaim): ClaimState = runInterruptible { claimBlocking(claim) }

    override suspend fun settle(claim: LedgerClaim, outcome: LedgerOutcome) =
        runInterruptible { settleBlocking(claim, outcome) }
}
