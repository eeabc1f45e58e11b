package org.linli.sample

import org.linli.Cure
import org.linli.LinliException
import org.linli.Problem
import org.linli.Words
import org.linli.problemOf

/** An error in words. What to do about it the engine says too: [org.linli.Cure]. */
fun Words.explain(error: LinliException): String = explain(problemOf(error))

/** How an invitation ended. */
fun Words.ended(code: String): String = explain(LinliException.InvitationOver(code))

/** Why asking for admission came to nothing; the engine's English where this app does not know the code yet. */
fun Words.asked(code: String, reason: String): String = explain(Problem("error.ask_$code", Cure.TELL, reason = reason))
