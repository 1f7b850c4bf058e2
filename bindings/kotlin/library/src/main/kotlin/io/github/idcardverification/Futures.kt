package io.github.idcardverification

import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.future.future

/**
 * A call as a future. Whoever cancels it stops the call. It completes on [Dispatchers.IO], whose threads may
 * be held by what comes after it without holding up other calls.
 */
@OptIn(DelicateCoroutinesApi::class)
internal fun <T> answered(call: suspend () -> T): CompletableFuture<T> =
    GlobalScope.future(Dispatchers.IO) { call() }
