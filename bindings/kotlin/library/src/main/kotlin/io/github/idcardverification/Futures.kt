package io.github.idcardverification

import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.future.future

/** A call as a future. Whoever cancels it stops the call. */
@OptIn(DelicateCoroutinesApi::class)
internal fun <T> answered(call: suspend () -> T): CompletableFuture<T> =
    GlobalScope.future(Dispatchers.Unconfined) { call() }
