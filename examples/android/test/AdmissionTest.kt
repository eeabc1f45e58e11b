package org.linli.sample

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import org.linli.ByteSocket
import org.linli.NodeOptions
import org.linli.OrderFilter
import org.linli.OrderState
import org.linli.sample.words.wordsOf
import org.linli.testing.post
import org.linli.testing.sockets
import org.linli.testing.town
import org.linli.testing.until

class AdmissionTest {
    private val words = wordsOf("en")

    @Test
    fun `who scans an invitation belongs a moment later, and sees the board`() =
        town {
            val wu = founder()
            wu.phone.post("101", "milk")
            val node = wu.phone.startNode(NodeOptions(listen = "127.0.0.1:0", nearby = false))
            val inviting = InviteModel(wu, scope, words)
            inviting.invite("Mei", listOf("127.0.0.1:${node.port()}"))
            val code = assertIs<Invite.Show>(inviting.state.until { it is Invite.Show }).text

            val mei = newcomer("Mei")
            val joining = JoinModel(mei, scope, words)
            joining.scanned(code)
            assertIs<Join.Read>(joining.state.value)
            joining.ask()
            val here = assertIs<Join.Compare>(joining.state.until { it is Join.Compare })
            val there = assertIs<Invite.Compare>(inviting.state.until { it is Invite.Compare })
            assertEquals(here.digits, there.digits)
            inviting.confirm()

            joining.state.until { it is Join.Done }
            assertEquals(Invite.Admitted, inviting.state.until { it is Invite.Admitted })
            assertEquals(1, mei.phone.board(OrderFilter(state = OrderState.OPEN)).items.size)
            node.stop()
        }

    @Test
    fun `it goes over Bluetooth too`() =
        town {
            val wu = founder()
            wu.phone.post("101", "milk")
            val inviting = InviteModel(wu, scope, words)
            inviting.invite("Mei", emptyList())
            val code = assertIs<Invite.Show>(inviting.state.until { it is Invite.Show }).text
            val meetings = Meetings(wu)
            val arriving = Channel<ByteSocket>(Channel.UNLIMITED)
            scope.launch { for (socket in arriving) launch { meetings.accept(socket) }.invokeOnCompletion { socket.close() } }

            val mei = newcomer("Mei")
            val joining = JoinModel(mei, scope, words)
            joining.scanned(code)
            joining.askOver {
                val (here, there) = sockets()
                arriving.send(there)
                here
            }
            joining.state.until { it is Join.Compare }
            inviting.state.until { it is Invite.Compare }
            inviting.confirm()

            joining.state.until { it is Join.Done }
            assertEquals(1, mei.phone.board(OrderFilter(state = OrderState.OPEN)).items.size)
        }

    @Test
    fun `who is refused is told, and can scan again`() =
        town {
            val wu = founder()
            val node = wu.phone.startNode(NodeOptions(listen = "127.0.0.1:0", nearby = false))
            val inviting = InviteModel(wu, scope, words)
            inviting.invite("Mei", listOf("127.0.0.1:${node.port()}"))
            val code = assertIs<Invite.Show>(inviting.state.until { it is Invite.Show }).text
            val joining = JoinModel(newcomer("Mei"), scope, words)
            joining.scanned(code)
            joining.ask()
            inviting.state.until { it is Invite.Compare }
            inviting.refuse()

            val over = joining.state.until { it is Join.Scan }
            assertEquals("The person at the other phone said no.", assertIs<Join.Scan>(over).problem)
            assertEquals(Invite.Over("Refused. Nobody was let in."), inviting.state.until { it is Invite.Over })
            node.stop()
        }

    @Test
    fun `a camera that reads something else goes on looking`() =
        town {
            val joining = JoinModel(newcomer("Mei"), scope, words)

            joining.scanned("https://example.org")
            assertEquals(Join.Scan("This is no invitation."), joining.state.value)
            assertTrue(joining.ask() == null)
        }

    @Test
    fun `an invitation that is taken back is over`() =
        town {
            val wu = founder()
            val inviting = InviteModel(wu, scope, words)
            inviting.invite("Mei", emptyList())
            inviting.state.until { it is Invite.Show }
            inviting.cancel()

            assertEquals(Invite.Over("The invitation was taken back."), inviting.state.until { it is Invite.Over })
        }

    @Test
    fun `a volunteer cannot invite, and is told why`() =
        town {
            val mei = volunteer(founder(), "Mei")
            val inviting = InviteModel(mei, scope, words)
            inviting.invite("Gu", emptyList())

            val over = assertIs<Invite.Over>(inviting.state.until { it is Invite.Over })
            assertTrue("coordinator" in over.text, over.text)
        }
}
