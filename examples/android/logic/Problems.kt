package org.linli.sample

import org.linli.LinliException
import org.linli.Words
import org.linli.problemOf

/** An error in words. What to do about it the engine says too: [org.linli.Cure]. */
fun Words.explain(error: LinliException): String = explain(problemOf(error))

/** How an invitation ended. */
fun Words.ended(code: String): String = say(if (has("error.invitation_$code")) "error.invitation_$code" else "error.invitation_over")

/** Why asking for admission came to nothing; the engine's English where this app does not know the code yet. */
fun Words.asked(code: String, reason: String): String = if (has("error.ask_$code")) say("error.ask_$code") else reason
