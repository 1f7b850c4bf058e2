package io.github.idcardverification

import com.sun.jna.Platform
import java.io.File
import java.nio.file.FileSystems
import java.nio.file.Files
import kotlin.io.path.createTempDirectory
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The oldest glibc that the library runs with, as the README says. */
private const val GLIBC = 34

private const val WHY = "idcard-verification: the native library cannot be loaded"

/** What the first use says where the native library cannot be loaded: each in a process of its own. */
class LoadingTest {
    private val folder = createTempDirectory("loading").toFile()
    private val classPath = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
    private val bytes: ByteArray =
        checkNotNull(
            IdCardException::class.java.getResourceAsStream(
                "/${Platform.RESOURCE_PREFIX}/${System.mapLibraryName("idcard_verification_ffi")}",
            ),
        ).use { it.readBytes() }

    private fun said(property: String, path: String = classPath): List<String> = said(listOf(property), path)

    private fun said(properties: List<String>, path: String = classPath): List<String> {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val command = listOf(java, "-cp", path) + properties + FirstUse::class.java.name
        val process = ProcessBuilder(command).redirectErrorStream(true).start()
        return process.inputStream.bufferedReader().readLines().also { process.waitFor() }
    }

    private fun saidOf(library: File) = said("-Duniffi.component.idcard_verification.libraryOverride=${library.path}")

    /** The class path, with the library for another platform in the place of ours. */
    private fun forAnotherPlatform(): String {
        val own = File(IdCardException::class.java.protectionDomain.codeSource.location.toURI())
        val classes = FileSystems.newFileSystem(own.toPath()).use { jar ->
            val other = File(folder, "other").toPath()
            Files.walk(jar.getPath("/")).filter { Files.isRegularFile(it) }.forEach {
                val to = other.resolve("$it".removePrefix("/").replace(Platform.RESOURCE_PREFIX, "linux-riscv64"))
                Files.createDirectories(to.parent)
                Files.copy(it, to)
            }
            other
        }
        return classPath.split(File.pathSeparator).joinToString(File.pathSeparator) {
            if (it == own.path) "$classes" else it
        }
    }

    @Test
    fun aPlatformWithoutALibraryIsNamed() {
        assertEquals(
            listOf("$WHY: there is none for ${Platform.RESOURCE_PREFIX} in the jar"),
            said("-Dother=true", forAnotherPlatform()),
        )
    }

    @Test
    fun whatIsNoLibraryIsNamed() {
        val broken = saidOf(File(folder, "libbroken.so").apply { writeText("no library") }).single()
        assertTrue(broken.startsWith("$WHY: Unable to load library "), broken)
    }

    @Test
    fun anOlderGlibcIsNamed() {
        if (!Platform.isLinux()) return
        val text = String(bytes, Charsets.ISO_8859_1)
        val newer = File(folder, "libnewer.so").apply {
            writeBytes(text.replace("GLIBC_2.$GLIBC", "GLIBC_9.99").toByteArray(Charsets.ISO_8859_1))
        }
        assertEquals(
            listOf("$WHY: it needs glibc 9.99, and the one of this system is older"),
            saidOf(newer),
        )
    }

    /** What JNA does on Android, by which it knows the virtual machine there. */
    @Test
    fun whatAnAppLacksIsNamed() {
        if (!Platform.isLinux()) return
        val processor = Platform.RESOURCE_PREFIX.removePrefix("linux-")
        val abi = mapOf("x86-64" to "x86_64", "aarch64" to "arm64-v8a").getValue(processor)
        val android = listOf("-Dplayed.vm=Dalvik", "-Djna.tmpdir=$folder")
        // JNA is there before us, and says so itself where an app has its jar instead of its AAR.
        val withoutJna = said(android).single()
        val itsOwn = "Native library (com/sun/jna/android-$processor/libjnidispatch.so) not found in resource path"
        assertTrue(withoutJna.startsWith(itsOwn), withoutJna)
        val jna = checkNotNull(
            Platform::class.java.getResourceAsStream("/com/sun/jna/linux-$processor/libjnidispatch.so"),
        ).use { it.readBytes() }
        File(folder, "libjnidispatch.so").writeBytes(jna)
        val withJna = android + "-Djava.library.path=$folder"
        assertEquals(listOf("$WHY: there is none for $abi in the app"), said(withJna))
        File(folder, System.mapLibraryName("idcard_verification_ffi")).writeBytes(bytes)
        assertEquals(listOf("8"), said(withJna + "-Djna.library.path=$folder"))
    }

    /** In the words of Android's loader, which is not here. */
    @Test
    fun whatAndroidsLoaderSaysIsTold() {
        val explain =
            Class.forName("io.github.idcardverification.LoadingKt")
                .getMethod("whyNotLoaded", String::class.java, String::class.java)
        val missing = "dlopen failed: library \"libidcard_verification_ffi.so\" not found"
        val first = "Unable to load library 'idcard_verification_ffi':\n$missing\n"
        val pages = "dlopen failed: \"/data/app/base.apk!/lib/arm64-v8a/libidcard_verification_ffi.so\" program " +
            "alignment (4096) cannot be smaller than system page size (16384)"
        val other = "dlopen failed: library \"libother.so\" not found: needed by libidcard_verification_ffi.so"
        for ((message, here, why) in listOf(
            Triple("$first$missing\nnull", "android-aarch64", "there is none for arm64-v8a in the app"),
            Triple("$first$missing\nnull", "android-x86", "there is none for x86 in the app"),
            Triple("$first$missing\n$pages\nnull", "android-aarch64", pages),
            Triple("$first$missing\n$other\nnull", "android-arm", other),
            Triple("Error looking up function 'a'", "android-arm", "Error looking up function 'a'"),
        )) {
            assertEquals("$WHY: $why", explain.invoke(null, message, here))
        }
    }

    @Test
    fun theOldestGlibcIsTheOneThatIsDocumented() {
        if (!Platform.isLinux()) return
        val text = String(bytes, Charsets.ISO_8859_1)
        val needed = Regex("GLIBC_2\\.(\\d+)").findAll(text).maxOf { it.groupValues[1].toInt() }
        assertEquals(GLIBC, needed)
    }
}

/** Uses the library for the first time, and prints what that comes to in one line. */
object FirstUse {
    @JvmStatic
    fun main(arguments: Array<String>) {
        // Java sets this one itself, whatever its command line says.
        System.getProperty("played.vm")?.let { System.setProperty("java.vm.name", it) }
        try {
            println(expectedCheckDigit("01010119900307001"))
        } catch (error: UnsatisfiedLinkError) {
            println(error.message)
        }
    }
}
