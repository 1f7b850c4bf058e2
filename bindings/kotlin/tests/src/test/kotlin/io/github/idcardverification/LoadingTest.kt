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

    private fun said(property: String, path: String = classPath): List<String> {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val command = listOf(java, "-cp", path, property, FirstUse::class.java.name)
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
        try {
            println(expectedCheckDigit("01010119900307001"))
        } catch (error: UnsatisfiedLinkError) {
            println(error.message)
        }
    }
}
