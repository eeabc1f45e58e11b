package org.linli.story

import java.io.File
import kotlin.time.Duration.Companion.seconds
import org.linli.BundleContent
import org.linli.CommandId
import org.linli.Inviting
import org.linli.LinliException
import org.linli.MemorySecrets
import org.linli.NewItem
import org.linli.NodeOptions
import org.linli.Offer
import org.linli.OrderCommand
import org.linli.Phone
import org.linli.RecallScope
import org.linli.RecallCommand
import org.linli.Reference
import org.linli.Role
import org.linli.SecretException
import org.linli.SecretStore
import org.linli.Work
import org.linli.storyErrors

/** Every error that an app can be given: provoked where there is a way to it, else made; and caught by its type. */
class Errors(private val scenes: Scenes) {
    private val wu = scenes.wu
    private val mei = scenes.mei
    private val gu = Rig("Gu", scenes.folder)
    private val he = Rig("He", scenes.folder)
    private lateinit var inviting: Inviting

    /** @param made it is thrown here and not by the engine. */
    private class Case(val name: String, val made: Boolean, val isIt: (LinliException) -> Boolean, val run: suspend () -> Unit)

    private inline fun <reified E : LinliException> provoked(noinline run: suspend () -> Unit) =
        Case(E::class.simpleName!!, made = false, { it is E }, run)

    private inline fun <reified E : LinliException> made(error: E) =
        Case(E::class.simpleName!!, made = true, { it is E }) { throw error }

    suspend fun all(): Map<String, Any?> {
        gu.open()
        he.open()
        val made = storyErrors(provoked = false).toSet()
        val listed = made + storyErrors(provoked = true)
        val cases = cases().associateBy { it.name }
        val missed = ArrayList<String>()
        for (variant in listed) {
            val case = cases[variant]
            when {
                case == null -> missed += "$variant: nobody knows it"
                case.made != (variant in made) -> missed += "$variant: the story says otherwise how it comes about"
                else -> wrong(case)?.let { missed += "$variant: $it" }
            }
        }
        missed += (variants() - listed).map { "$it: not in the story" }
        inviting.close()
        return mapOf("variants" to listed.size, "missed" to missed)
    }

    private suspend fun wrong(case: Case): String? =
        try {
            case.run()
            "nothing was thrown"
        } catch (error: LinliException) {
            if (case.isIt(error)) null else "$error"
        }

    /** What the bindings can throw. */
    private fun variants(): Set<String> =
        LinliException::class.java.declaredClasses
            .filter { LinliException::class.java.isAssignableFrom(it) }
            .map { it.simpleName }
            .toSet()

    private suspend fun room301(): Reference = mei.board().single { it.card.room == "301" }.order

    private fun file(name: String) = File(scenes.folder, name)

    private fun cases(): List<Case> = ofCommands() + ofHomes() + ofFiles() + ofMeetings() + ofLife()

    private fun ofCommands() =
        listOf(
            provoked<LinliException.Refused> { mei.order(OrderCommand.Claim, scenes.order) },
            provoked<LinliException.NotAllowed> {
                mei.phone.submitRecall(CommandId.random(), RecallCommand.Raise(scenes.product, RecallScope.All))
            },
            provoked<LinliException.NotAMember> { gu.order(simpleOrder("1", note = "x")) },
            made(LinliException.Withdrawn()),
            provoked<LinliException.AlreadyAMember> { wu.phone.found(null) },
            provoked<LinliException.NotFound> { wu.phone.order(Reference("00000000000000000000000000000000-0-00000000000000000000000000000000")) },
            provoked<LinliException.ContactHidden> { mei.phone.contact(room301()) },
            made(LinliException.CareHidden(listOf("care"))),
            provoked<LinliException.CommandIdReused> {
                val same = CommandId.random()
                for (text in listOf("one", "other")) wu.phone.submitOrder(same, OrderCommand.Comment(text), room301())
            },
            provoked<LinliException.TooLarge> {
                wu.order(simpleOrder("1", items = ('a'..'e').map { NewItem(it.toString().repeat(8000)) }))
            },
            made(LinliException.NoRoom("made")),
            provoked<LinliException.InvalidInput> { wu.phone.order(Reference("x")) },
        )

    private fun ofHomes() =
        listOf(
            provoked<LinliException.HomeInUse> { Phone.open(wu.home.path, wu.secrets) },
            made(LinliException.DiskFull()),
            made(LinliException.Damaged("made")),
            made(LinliException.DatabaseLost("made")),
            made(LinliException.NewerHome(2u, 1u)),
            provoked<LinliException.ForeignHome> {
                file("foreign").mkdir()
                file("foreign/linli.db").writeText("this is no database".repeat(1000))
                Phone.open(file("foreign").path, MemorySecrets())
            },
            provoked<LinliException.SecretsUnavailable> { Phone.open(file("locked").path, Locked) },
            provoked<LinliException.KeyLost> {
                gu.linli.shutDown()
                Phone.open(gu.home.path, MemorySecrets())
            },
            provoked<LinliException.Storage> {
                file("plain").writeText("")
                Phone.open(file("plain/home").path, MemorySecrets())
            },
            made(LinliException.Internal("made")),
        )

    private fun ofFiles() =
        listOf(
            provoked<LinliException.File> { wu.phone.exportBundle(file("nowhere/bundle").path, BundleContent.All) },
            provoked<LinliException.NotABundle> {
                file("text").writeText("no bundle")
                wu.phone.importBundle(file("text").path)
            },
            made(LinliException.NewerVersion("made")),
            provoked<LinliException.OtherCommunity> {
                he.phone.found(null)
                he.phone.exportBundle(file("other").path, BundleContent.All)
                wu.phone.importBundle(file("other").path)
            },
            provoked<LinliException.Cancelled> {
                Work().use { work ->
                    work.cancel()
                    wu.phone.exportBundle(file("cancelled").path, BundleContent.All, work)
                }
            },
        )

    private fun ofMeetings() =
        listOf(
            provoked<LinliException.WrongDigits> {
                inviting = wu.phone.invite(Offer(Role.VOLUNTEER), emptyList())
                inviting.confirm("000000")
            },
            provoked<LinliException.InvitationOver> {
                inviting.cancel()
                inviting.confirm("000000")
            },
            made(LinliException.NotHeard()),
            provoked<LinliException.CannotListen> { wu.phone.startNode(NodeOptions(listen = "192.0.2.1:9", nearby = false)) },
            made(LinliException.PeerNotWelcome("made")),
            made(LinliException.NotWelcome("made")),
            provoked<LinliException.Connection> {
                wu.phone.acceptPipe().use { it.receive(ByteArray(64) { -1 }) }
            },
        )

    private fun ofLife() =
        listOf(
            provoked<LinliException.Suspended> {
                he.linli.suspendWithin(30.seconds)
                he.board()
            },
            provoked<LinliException.Closed> {
                he.phone.shutDown()
                he.board()
            },
            provoked<LinliException.Broken> {
                gu.open()
                refusal { gu.phone.provokePanic() }
                gu.board()
            },
        )

    /** A keystore that does not answer. */
    private object Locked : SecretStore {
        override fun get(name: String): ByteArray? = throw SecretException.Unavailable("locked")

        override fun put(name: String, secret: ByteArray): Unit = throw SecretException.Unavailable("locked")

        override fun remove(name: String): Unit = throw SecretException.Unavailable("locked")
    }
}
