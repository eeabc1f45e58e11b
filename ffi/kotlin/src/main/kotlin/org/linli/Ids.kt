package org.linli

import java.security.SecureRandom

/** How an order, box, alert or event is named: by the event that made it. Its text is what `phone --json` prints. */
@JvmInline
value class Reference(val text: String) {
    override fun toString(): String = text
}

/** A device: one installation of an app. */
@JvmInline
value class DeviceId(val text: String) {
    override fun toString(): String = text
}

/** A member: a person. */
@JvmInline
value class MemberId(val text: String) {
    override fun toString(): String = text
}

/** A community. */
@JvmInline
value class CommunityId(val text: String) {
    override fun toString(): String = text
}

/**
 * The caller's own name for a command: the same one again, after a crash too, writes nothing and answers the same.
 *
 * Choose it when a form opens or a button appears, keep it where the process may die ([text] is a plain string), and
 * hand it in again until an answer has come.
 */
@JvmInline
value class CommandId(val text: String) {
    override fun toString(): String = text

    companion object {
        private val dice = SecureRandom()

        /** A new one. */
        fun random(): CommandId {
            val bytes = ByteArray(16).also(dice::nextBytes)
            return CommandId(bytes.joinToString("") { "%02x".format(it) })
        }
    }
}
