package org.linli.sample

import org.linli.LinliException
import org.linli.sample.words.Teller
import org.linli.sample.words.Words

/** What an app does about an error, beside showing it. */
enum class Cure {
    /** Nothing but show it: the person decides. */
    SHOW,

    /** The same again may go through: a button for it. */
    RETRY,

    /** The engine sleeps: wake it and try again, without a word. */
    RESUME,

    /** The engine is gone: open the home again, without a word. */
    REOPEN,

    /** The screen of an invitation. */
    JOIN,

    /** Where to get a newer version. */
    UPDATE,

    /** Repair the home from what can be read, then sync. */
    REPAIR,

    /** Nothing, not even to be shown: the person did it. */
    NOTHING,
}

/** An error in words, and what to do about it. */
data class Problem(val code: String, val text: String, val cure: Cure)

/** An error in words. The compiler sees to it that none is forgotten. */
fun Words.problem(error: LinliException, teller: Teller = Teller(this)): Problem {
    fun needs(needs: List<String>) = mapOf("needs" to needs)

    fun found(code: String, cure: Cure, params: Map<String, Any?> = emptyMap()) = Problem(code, say("error.$code", params), cure)

    return when (error) {
        is LinliException.Refused -> Problem("refused", teller.refusal(error), Cure.SHOW)
        is LinliException.NotAllowed -> found("not_allowed", Cure.SHOW, needs(error.needs))
        is LinliException.NotAMember -> found("not_a_member", Cure.JOIN)
        is LinliException.Withdrawn -> found("withdrawn", Cure.SHOW)
        is LinliException.AlreadyAMember -> found("already_a_member", Cure.SHOW)
        is LinliException.NotFound -> found("not_found", Cure.SHOW, mapOf("kind" to error.kind))
        is LinliException.ContactHidden -> found("contact_hidden", Cure.SHOW, needs(error.needs))
        is LinliException.CareHidden -> found("care_hidden", Cure.SHOW, needs(error.needs))
        is LinliException.CommandIdReused -> found("command_id_reused", Cure.SHOW)
        is LinliException.TooLarge -> found("too_large", Cure.SHOW)
        is LinliException.NoRoom -> found("no_room", Cure.SHOW)
        is LinliException.InvalidInput -> found("invalid_input", Cure.SHOW, mapOf("field" to error.field))
        is LinliException.HomeInUse -> found("home_in_use", Cure.RETRY)
        is LinliException.DiskFull -> found("disk_full", Cure.RETRY)
        is LinliException.Damaged -> found("damaged", Cure.REPAIR)
        is LinliException.DatabaseLost -> found("database_lost", Cure.REPAIR)
        is LinliException.NewerHome -> found("newer_home", Cure.UPDATE)
        is LinliException.ForeignHome -> found("foreign_home", Cure.SHOW)
        is LinliException.SecretsUnavailable -> found("secrets_unavailable", Cure.RETRY)
        is LinliException.KeyLost -> found("key_lost", Cure.REPAIR)
        is LinliException.Storage -> found("storage", Cure.RETRY)
        is LinliException.Internal -> found("internal", Cure.SHOW)
        is LinliException.File -> found("file", Cure.RETRY)
        is LinliException.NotABundle -> found("not_a_bundle", Cure.SHOW)
        is LinliException.NewerVersion -> found("newer_version", Cure.UPDATE)
        is LinliException.OtherCommunity -> found("other_community", Cure.SHOW)
        is LinliException.WrongDigits -> found("wrong_digits", Cure.RETRY)
        is LinliException.InvitationOver -> Problem("invitation_over", ended(error.code), Cure.SHOW)
        is LinliException.NotHeard -> found("not_heard", Cure.SHOW)
        is LinliException.CannotListen -> found("cannot_listen", Cure.RETRY, mapOf("address" to error.address))
        is LinliException.PeerNotWelcome -> found("peer_not_welcome", Cure.SHOW)
        is LinliException.NotWelcome -> found("not_welcome", Cure.SHOW)
        is LinliException.Connection -> found("connection", Cure.RETRY)
        is LinliException.Cancelled -> found("cancelled", Cure.NOTHING)
        is LinliException.Suspended -> found("suspended", Cure.RESUME)
        is LinliException.Closed -> found("closed", Cure.REOPEN)
        is LinliException.Broken -> found("broken", Cure.REOPEN)
    }
}

/** How an invitation ended. */
fun Words.ended(code: String): String = say(if (has("error.invitation_$code")) "error.invitation_$code" else "error.invitation_over")

/** Why asking for admission came to nothing; the engine's English where this app does not know the code yet. */
fun Words.asked(code: String, reason: String): String = if (has("error.ask_$code")) say("error.ask_$code") else reason
