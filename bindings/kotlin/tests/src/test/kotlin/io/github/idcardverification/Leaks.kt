package io.github.idcardverification

import io.github.idcardverification.tools.findLeak
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.util.logging.Handler
import java.util.logging.Level
import java.util.logging.LogRecord
import java.util.logging.Logger
import java.util.logging.SimpleFormatter

/** Looks through everything that is printed for what must not be shown. */
class Leaks(private val canaries: List<String>) {
    fun check(text: String) {
        val leak = findLeak(text, canaries)
        check(leak == null) { "$leak: $text" }
    }

    fun check(error: Throwable) {
        check(error.toString())
        check(error.message.orEmpty())
        check(error.stackTraceToString())
    }

    /** What any library has logged or printed since the last look. */
    fun checkLogs() = check(Printed.take())
}

/** Logging at its loudest, and both streams of the process. */
private object Printed {
    private val bytes = ByteArrayOutputStream()
    private val format = SimpleFormatter()

    init {
        val stream = PrintStream(bytes, true, Charsets.UTF_8)
        System.setOut(stream)
        System.setErr(stream)
        val root = Logger.getLogger("")
        root.level = Level.ALL
        root.addHandler(
            object : Handler() {
                override fun publish(record: LogRecord) = stream.print(format.format(record))

                override fun flush() = Unit

                override fun close() = Unit
            },
        )
    }

    @Synchronized
    fun take(): String = bytes.toString(Charsets.UTF_8).also { bytes.reset() }
}
