package io.github.idcardverification

import com.sun.jna.Platform

/** Loads the native library; the error of the first use says in one sentence why that failed. */
internal inline fun loading(load: () -> Unit) =
    try {
        load()
    } catch (error: UnsatisfiedLinkError) {
        throw UnsatisfiedLinkError(whyNotLoaded(error.message.orEmpty())).apply { initCause(error) }
    }

internal fun whyNotLoaded(message: String, here: String = Platform.RESOURCE_PREFIX): String {
    val why =
        when {
            here.startsWith(ANDROID) -> whyNotInApp(message, here.removePrefix(ANDROID))
            else -> whyNotInJar(message, here)
        }
    return "idcard-verification: the native library cannot be loaded: $why"
}

private const val ANDROID = "android-"
private const val NAME = "idcard_verification_ffi"

private fun whyNotInJar(message: String, here: String): String {
    val file = "/$here/${System.mapLibraryName(NAME)}"
    val glibc = Regex("GLIBC_([0-9.]+)' not found").find(message)?.groupValues?.get(1)
    return when {
        glibc != null -> "it needs glibc $glibc, and the one of this system is older"
        // The words of musl's loader.
        "Error relocating" in message || "Error loading shared library" in message ->
            "it needs glibc, and this system has musl, as Alpine does"
        IdCardException::class.java.getResource(file) == null -> "there is none for $here in the jar"
        else -> firstLine(message)
    }
}

/** An app has its libraries in the folder of an ABI, and not among its resources: only the loader's words tell. */
private fun whyNotInApp(message: String, processor: String): String {
    // By the names that Gradle has for them.
    val abi = mapOf("aarch64" to "arm64-v8a", "arm" to "armeabi-v7a", "x86-64" to "x86_64")[processor] ?: processor
    // JNA tries several ways, and one that found the library says more than those that did not.
    val refusals = message.lineSequence().map { it.trim() }.filter { "dlopen failed" in it && !isMissing(it) }
    return refusals.firstOrNull()
        ?: if ("Unable to load library" in message) "there is none for $abi in the app" else firstLine(message)
}

private fun isMissing(line: String) = "library \"lib$NAME.so\" not found" in line

private fun firstLine(message: String) = message.lineSequence().first { it.isNotBlank() }.trim()
