package io.github.idcardverification

import com.sun.jna.Platform

/** Loads the native library; the error of the first use says in one sentence why that failed. */
internal inline fun loading(load: () -> Unit) =
    try {
        load()
    } catch (error: UnsatisfiedLinkError) {
        throw UnsatisfiedLinkError(whyNotLoaded(error.message.orEmpty())).apply { initCause(error) }
    }

internal fun whyNotLoaded(message: String): String {
    val here = Platform.RESOURCE_PREFIX
    val file = "/$here/${System.mapLibraryName("idcard_verification_ffi")}"
    val glibc = Regex("GLIBC_([0-9.]+)' not found").find(message)?.groupValues?.get(1)
    val why =
        when {
            glibc != null -> "it needs glibc $glibc, and the one of this system is older"
            // The words of musl's loader.
            "Error relocating" in message || "Error loading shared library" in message ->
                "it needs glibc, and this system has musl, as Alpine does"
            IdCardException::class.java.getResource(file) == null -> "there is none for $here in the jar"
            else -> message.lineSequence().first { it.isNotBlank() }.trim()
        }
    return "idcard-verification: the native library cannot be loaded: $why"
}
