package org.linli.testing

import java.io.File
import kotlin.system.exitProcess
import kotlin.time.Duration
import kotlin.time.TimeSource
import org.junit.runner.Description
import org.junit.runner.JUnitCore
import org.junit.runner.notification.Failure
import org.junit.runner.notification.RunListener

/** Runs every class whose name ends in `Test`, says how long each test took, and fails if one does. */
fun main(names: Array<String>) {
    val classes = testClasses().filter { found -> names.isEmpty() || names.any { it in found } }
    require(classes.isNotEmpty()) { "there is no such test" }
    val core = JUnitCore()
    core.addListener(Report)
    val result = core.run(*classes.map { Class.forName(it) }.toTypedArray())
    val passed = result.runCount - result.failureCount
    println("$passed passed, ${result.failureCount} failed, ${result.ignoreCount} skipped")
    // Threads of the library's runtime are no reason to stay.
    exitProcess(if (result.wasSuccessful()) 0 else 1)
}

private fun testClasses(): List<String> {
    val root = File(Report::class.java.protectionDomain.codeSource.location.toURI())
    val files = root.walk().filter { it.name.endsWith("Test.class") }
    return files.map { it.relativeTo(root).path.removeSuffix(".class").replace(File.separatorChar, '.') }.sorted().toList()
}

private object Report : RunListener() {
    private var began = TimeSource.Monotonic.markNow()
    private var failed: Failure? = null

    override fun testStarted(test: Description) {
        began = TimeSource.Monotonic.markNow()
        failed = null
    }

    override fun testFailure(failure: Failure) {
        failed = failure
        if (failure.description.isSuite) testFinished(failure.description)
    }

    override fun testFinished(test: Description) {
        val result = if (failed == null) "ok" else "FAILED"
        println("${test.testClass.simpleName}: ${test.methodName ?: "setup"} ... $result (${short(began.elapsedNow())})")
        failed?.let { println(it.trimmedTrace.prependIndent("    ")) }
    }

    private fun short(took: Duration): String = "${took.inWholeMilliseconds} ms"
}
