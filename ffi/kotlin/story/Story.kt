package org.linli.story

import java.nio.file.Files
import kotlin.system.exitProcess
import kotlin.time.TimeSource
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import org.linli.storyDifferences
import org.linli.storySteps

/**
 * The story that all languages run, against ffi/story/expected.json.
 *
 * With steps named, those before them are run too, up to the last one named.
 */
fun main(names: Array<String>) {
    val folder = Files.createTempDirectory("linli-story-").toFile()
    val passed =
        try {
            runBlocking(Dispatchers.Default) { tell(Scenes(this, folder), names.toList()) }
        } finally {
            folder.deleteRecursively()
        }
    exitProcess(if (passed) 0 else 1)
}

private suspend fun tell(scenes: Scenes, names: List<String>): Boolean {
    var wrong = 0
    for (step in storySteps(names)) {
        val began = TimeSource.Monotonic.markNow()
        val found = storyDifferences(step, json(scenes.play(step)))
        val verdict = if (found.isEmpty()) "ok" else "wrong"
        println("%-6s%-12s%7.2f s".format(verdict, step, began.elapsedNow().inWholeMilliseconds / 1000.0))
        found.forEach { println("      $it") }
        wrong += found.size
    }
    scenes.close()
    println("${if (wrong == 0) "the story is as expected" else "$wrong things are not as expected"}")
    return wrong == 0
}

/** A value as JSON has it: maps, lists, texts, whole numbers, yes and no, nothing. */
fun json(value: Any?): String =
    when (value) {
        is Map<*, *> -> value.entries.joinToString(", ", "{", "}") { (name, inside) -> json(name) + ": " + json(inside) }
        is List<*> -> value.joinToString(", ", "[", "]", transform = ::json)
        is String -> "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\""
        else -> value.toString()
    }
