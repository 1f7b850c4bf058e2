package io.github.idcardverification

import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory

/** Runs every scenario, once awaited and once blocking. */
class ScenarioTest {
    @TestFactory
    fun scenarios(): List<DynamicTest> =
        Scenario.load().flatMap { scenario ->
            listOf(true, false).map { awaited ->
                dynamicTest("${if (awaited) "async" else "blocking"}: ${scenario.name}") {
                    scenario.run(awaited)
                    ran++
                }
            }
        }

    companion object {
        /** What is printed while scenarios run is looked through for leaks. */
        private val out = System.out
        private var ran = 0

        @JvmStatic
        @AfterAll
        fun report() {
            out.println("kotlin: ${ran / 2} scenarios, each awaited and blocking")
        }
    }
}
