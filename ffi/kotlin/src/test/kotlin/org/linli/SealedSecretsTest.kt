package org.linli

import android.system.ErrnoException
import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions
import java.security.ProviderException
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import org.linli.testing.town

class SealedSecretsTest {
    private val folder = Files.createTempDirectory("linli-secrets-").toFile()
    private val key = newKey()
    private val secrets = SealedSecrets(folder) { key }

    @AfterTest
    fun clean() {
        folder.deleteRecursively()
    }

    private fun newKey(): SecretKey = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()

    private fun files(): List<File> = folder.listFiles().orEmpty().sortedBy { it.name }

    @Test
    fun `what was put is there again, for another object too`() {
        secrets.put("device keys", byteArrayOf(1, 2, 3))
        secrets.put("device keys", byteArrayOf(4))
        secrets.put("empty", byteArrayOf())

        assertContentEquals(byteArrayOf(4), SealedSecrets(folder) { key }.get("device keys"))
        assertContentEquals(byteArrayOf(), secrets.get("empty"))
    }

    @Test
    fun `what was never put, or was removed, is no error`() {
        secrets.put("a", byteArrayOf(1))
        secrets.remove("a")
        secrets.remove("a")

        assertNull(secrets.get("a"))
        assertNull(secrets.get("b"))
        assertEquals(emptyList(), files())
    }

    @Test
    fun `a full disk is told as one, and the secret before it stands`() {
        secrets.put("a", byteArrayOf(1))
        Files.createSymbolicLink(File(folder, "new").toPath(), File("/dev/full").toPath())

        assertFailsWith<SecretException.Full> { secrets.put("a", byteArrayOf(2)) }
        assertContentEquals(byteArrayOf(1), secrets.get("a"))
    }

    @Test
    fun `secrets are their owner's alone, though the folder was open to others`() {
        val (made, open) = File(folder, "new/and/deep") to File(folder, "open").apply { mkdir() }
        val old = File(open, "61").apply { writeText("x") }
        val modes = { file: File -> PosixFilePermissions.toString(Files.getPosixFilePermissions(file.toPath())) }
        Files.setPosixFilePermissions(open.toPath(), PosixFilePermissions.fromString("rwxr-xr-x"))
        Files.setPosixFilePermissions(old.toPath(), PosixFilePermissions.fromString("rw-r--r--"))

        for (place in listOf(made, open)) SealedSecrets(place) { key }.put("b", byteArrayOf(1))

        val folders = listOf(made.parentFile.parentFile, made.parentFile, made, open)
        assertEquals(folders.map { "rwx------" }, folders.map(modes))
        val files = listOf(File(made, "62"), File(open, "62"), old)
        assertEquals(files.map { "rw-------" }, files.map(modes))
    }

    @Test
    fun `nothing of a secret stands in its file, nor in the file of the same secret again`() {
        val secret = "nothing of this is to be read, neither at its beginning nor at its end".encodeToByteArray()
        secrets.put("a", secret)
        val first = pieces(files().single().readBytes())
        secrets.put("a", secret)
        val second = pieces(files().single().readBytes())

        assertEquals(emptySet(), pieces(secret) intersect first)
        assertEquals(emptySet(), first intersect second)
    }

    /** Every eight bytes on end. Those of two files are alike by chance once in 10^15 times: never, for a test. */
    private fun pieces(bytes: ByteArray): Set<List<Byte>> = bytes.toList().windowed(8).toSet()

    @Test
    fun `a full disk is told by its number, whatever the phone's language`() {
        val errno = { number: Int -> IOException("设备上没有空间", ErrnoException("write", number)) }
        val told = { number: Int -> SealedSecrets(folder) { throw errno(number) } }

        for (number in listOf(28, 122, 27, 30)) {
            assertFailsWith<SecretException.Full>("$number") { told(number).put("a", byteArrayOf(1)) }
        }
        assertFailsWith<SecretException.Unavailable> { told(5).put("a", byteArrayOf(1)) }
    }

    @Test
    fun `another key, a changed byte, a file that is cut short or under another name are lost, and can be replaced`() {
        secrets.put("a", byteArrayOf(1, 2, 3))
        val file = files().single()
        val whole = file.readBytes()

        assertFailsWith<SecretException.Lost> { SealedSecrets(folder) { newKey() }.get("a") }
        for (at in whole.indices) {
            file.writeBytes(whole.copyOf().also { it[at] = (it[at] + 1).toByte() })
            assertFailsWith<SecretException.Lost>("byte $at") { secrets.get("a") }
        }
        for (first in 0..255) {
            if (first == whole[0].toInt()) continue
            file.writeBytes(whole.copyOf().also { it[0] = first.toByte() })
            assertFailsWith<SecretException.Lost>("a nonce of $first") { secrets.get("a") }
        }
        for (length in 0 until whole.size) {
            file.writeBytes(whole.copyOf(length))
            assertFailsWith<SecretException.Lost>("$length bytes") { secrets.get("a") }
        }
        file.writeBytes(whole)
        file.copyTo(File(folder, "62"))
        assertFailsWith<SecretException.Lost> { secrets.get("b") }
        secrets.put("b", byteArrayOf(4))
        assertContentEquals(byteArrayOf(4), secrets.get("b"))
    }

    @Test
    fun `a keystore that does not answer now has lost nothing`() {
        secrets.put("a", byteArrayOf(1))
        val locked = SealedSecrets(folder) { throw ProviderException("locked") }

        assertFailsWith<SecretException.Unavailable> { locked.get("a") }
        assertContentEquals(byteArrayOf(1), secrets.get("a"))
    }

    @Test
    fun `a home opens again with them, and not without, but has a way out`() =
        town {
            val sealed = this@SealedSecretsTest.folder
            val first = newcomer("Mei", secrets)
            val device = first.phone.device()
            first.shutDown()

            val again = newcomer("Mei", SealedSecrets(sealed) { key })
            assertEquals(device, again.phone.device())
            again.shutDown()
            assertFailsWith<LinliException.KeyLost> { newcomer("Mei", MemorySecrets()) }
            val locked = SealedSecrets(sealed) { throw ProviderException("locked") }
            assertFailsWith<LinliException.SecretsUnavailable> { newcomer("Mei", locked) }
            val other = newKey().let { replaced -> SealedSecrets(sealed) { replaced } }
            assertFailsWith<LinliException.KeyLost> { newcomer("Mei", other) }

            assertEquals(true, recoverHome(File(folder, "Mei").path, other).newDevice)
            assertNotEquals(device, newcomer("Mei", other).phone.device())
        }
}
