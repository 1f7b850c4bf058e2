package io.github.idcardverification.example

import io.github.idcardverification.tools.EmbeddedSandbox

/** Serves the sandbox to another process until that closes this one's input; prints its address. */
fun main() {
    EmbeddedSandbox(0).use { sandbox ->
        println(sandbox.url())
        while (System.`in`.read() >= 0) Unit
    }
}
