package org.linli.story

import java.io.File
import java.nio.file.Files
import kotlin.system.exitProcess
import kotlin.time.TimeSource
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import org.linli.Json

/**
 * The story that all languages run, against ffi/story/expected.json.
 *
 * With steps named, those before them are run too, up to the last one named.
 */
fun main(names: Array<String>) {
    val told = Json(File(System.getProperty("linli.sources", "."), "ffi/story/expected.json").readText())
    val folder = Files.createTempDirectory("linli-story-").toFile()
    val passed =
        try {
            runBlocking(Dispatchers.Default) { Teller(told, names.toList()).tell(Scenes(this, folder, told)) }
        } finally {
            folder.deleteRecursively()
        }
    exitProcess(if (passed) 0 else 1)
}

@Suppress("UNCHECKED_CAST")
private class Teller(private val told: Json, private val names: List<String>) {
    suspend fun tell(scenes: Scenes): Boolean {
        var wrong = 0
        for (step in steps()) {
            val name = step["name"] as String
            val began = TimeSource.Monotonic.markNow()
            val found = differences(name, step["see"] as Map<String, Any?>, scenes.play(name))
            val verdict = if (found.isEmpty()) "ok" else "wrong"
            println("%-6s%-12s%7.2f s".format(verdict, name, began.elapsedNow().inWholeMilliseconds / 1000.0))
            found.forEach { println("      $it") }
            wrong += found.size
        }
        scenes.close()
        println("${if (wrong == 0) "the story is as expected" else "$wrong things are not as expected"}")
        return wrong == 0
    }

    private fun steps(): List<Map<String, Any?>> {
        val all = told["steps"] as List<Map<String, Any?>>
        require(all.isNotEmpty()) { "there are no steps" }
        val unknown = names.filter { name -> all.none { it["name"] == name } }
        require(unknown.isEmpty()) { "there is no step $unknown" }
        return if (names.isEmpty()) all else all.take(all.indexOfLast { it["name"] in names } + 1)
    }

    private fun differences(step: String, wanted: Map<String, Any?>, seen: Map<String, Any?>): List<String> =
        (wanted.keys + seen.keys).mapNotNull { key ->
            when {
                key !in seen -> "$step.$key: nobody looks at this"
                key !in wanted -> "$step.$key: nothing of this name is expected"
                fits(key, wanted[key], seen[key]) -> null
                else -> "$step.$key: saw ${seen[key]}, not ${wanted[key]}"
            }
        }

    private fun fits(key: String, wanted: Any?, seen: Any?): Boolean =
        if ("_at_most" in key && wanted is Long) plain(seen) as Long <= wanted else plain(seen) == plain(wanted)

    /** Numbers of every size as the JSON has them. */
    private fun plain(value: Any?): Any? =
        when (value) {
            is Int -> value.toLong()
            is List<*> -> value.map(::plain)
            else -> value
        }
}
