package org.linli

import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What the READMEs show is quoted: each block of Kotlin stands, line for line, in a file that is compiled. */
class ReadmeTest {
    private val root = File(System.getProperty("linli.sources"))
    private val compiled =
        listOf("ffi/kotlin/src", "ffi/kotlin/story", "examples/android/logic", "examples/android/test")
            .flatMap { root.resolve(it).walk().filter { file -> file.extension == "kt" } }
            .map { file -> lines(file.readText()) }

    /** Without indentation and empty lines. */
    private fun lines(text: String): List<String> = text.lines().map { it.trim() }.filter { it.isNotEmpty() }

    private fun blocks(readme: String): List<List<String>> {
        val text = root.resolve(readme).readText()
        return Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(text).map { lines(it.groupValues[1]) }.toList()
    }

    @Test
    fun `every block of Kotlin is compiled code`() {
        val quoted = blocks("ffi/kotlin/README.md") + blocks("examples/android/README.md")

        assertTrue(quoted.size >= 6, "only ${quoted.size}")
        val invented = quoted.filterNot { block -> compiled.any { file -> file.windowed(block.size).any { it == block } } }
        assertEquals(emptyList(), invented)
    }

    @Test
    fun `every file that is named is there`() {
        for (readme in listOf("ffi/kotlin/README.md", "examples/android/README.md")) {
            val file = root.resolve(readme)
            val named = Regex("""]\(([^)#]+)\)""").findAll(file.readText()).map { it.groupValues[1] }.filterNot { "://" in it }
            assertEquals(emptyList(), named.filterNot { file.resolveSibling(it).exists() }.toList(), readme)
        }
    }
}
