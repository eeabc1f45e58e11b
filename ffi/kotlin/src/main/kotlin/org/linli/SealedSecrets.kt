package org.linli

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption
import java.nio.file.attribute.PosixFileAttributeView
import java.nio.file.attribute.PosixFilePermissions
import java.security.GeneralSecurityException
import java.security.InvalidAlgorithmParameterException
import java.security.ProviderException
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** Secrets that live as long as this object: for tests. */
class MemorySecrets : SecretStore {
    private val kept = ConcurrentHashMap<String, ByteArray>()

    /** The names of all that is kept. */
    val names: Set<String> get() = kept.keys.toSortedSet()

    override fun get(name: String): ByteArray? = kept[name]?.copyOf()

    override fun put(name: String, secret: ByteArray) {
        kept[name] = secret.copyOf()
    }

    override fun remove(name: String) {
        kept.remove(name)
    }
}

/**
 * Secrets in files of a folder, each sealed with AES-GCM under a key that somebody else keeps.
 *
 * On Android the key is one of the Keystore, which never leaves it, and the folder lies in `noBackupFilesDir`: whoever
 * copies the app's files to another phone has neither. Keep the key for as long as the home lives. A file that does not open
 * under the key it is given is *lost*, and the home says `KeyLost`; a keystore that does not answer now is *unavailable*.
 *
 * @param folder of its own; made when the first secret is put, for its owner alone. What others may do with one that is there is
 *   taken from them.
 * @param key is asked for at each use. It must do AES in GCM without padding and choose its own nonce.
 */
class SealedSecrets(private val folder: File, private val key: () -> SecretKey) : SecretStore {
    private var isClosed = false

    @Synchronized
    override fun get(name: String): ByteArray? =
        failing("read") {
            val file = file(name)
            if (!file.exists()) return null
            val bytes = file.readBytes()
            val from = 1 + (bytes.firstOrNull()?.toUByte()?.toInt() ?: 0)
            if (from == 1 || bytes.size < from + TAG_BITS / 8) throw SecretException.Lost("its file is cut short")
            val cipher = Cipher.getInstance(CIPHER)
            val opener = key()
            try {
                cipher.init(Cipher.DECRYPT_MODE, opener, GCMParameterSpec(TAG_BITS, bytes.copyOfRange(1, from)))
                cipher.updateAAD(name.encodeToByteArray())
                cipher.doFinal(bytes, from, bytes.size - from)
            } catch (error: AEADBadTagException) {
                // The keystore answers: this was sealed under a key that it has no more, or changed since.
                throw SecretException.Lost("its file does not open under the key")
            } catch (error: InvalidAlgorithmParameterException) {
                throw SecretException.Lost("its file names no nonce")
            }
        }

    /** Durable when it returns: written beside, flushed, renamed, and the folder flushed too. */
    @Synchronized
    override fun put(name: String, secret: ByteArray) =
        failing("kept") {
            val cipher = Cipher.getInstance(CIPHER)
            cipher.init(Cipher.ENCRYPT_MODE, key())
            cipher.updateAAD(name.encodeToByteArray())
            val sealed = cipher.doFinal(secret)
            makeFolder()
            val beside = File(folder, "new")
            FileOutputStream(beside).use { out ->
                closeToOthers(beside)
                out.write(byteArrayOf(cipher.iv.size.toByte()) + cipher.iv + sealed)
                out.fd.sync()
            }
            Files.move(beside.toPath(), file(name).toPath(), StandardCopyOption.ATOMIC_MOVE)
            flush(folder)
        }

    @Synchronized
    override fun remove(name: String) =
        failing("forgotten") {
            if (Files.deleteIfExists(file(name).toPath())) flush(folder)
        }

    /** What is made on the way is durable too, and nobody else's. */
    private fun makeFolder() {
        val missing = generateSequence(folder.absoluteFile) { it.parentFile }.takeWhile { !it.isDirectory }.toList()
        for (made in missing.asReversed()) {
            Files.createDirectory(made.toPath())
            flush(made.parentFile)
        }
        if (!isClosed) (missing + folder + folder.listFiles().orEmpty()).forEach(::closeToOthers)
        isClosed = true
    }

    /** Where a system has other means than Unix' modes, a file stays as it is. */
    private fun closeToOthers(file: File) {
        if (Files.isSymbolicLink(file.toPath())) return
        val modes = Files.getFileAttributeView(file.toPath(), PosixFileAttributeView::class.java) ?: return
        modes.setPermissions(PosixFilePermissions.fromString(if (file.isDirectory) "rwx------" else "rw-------"))
    }

    private fun flush(folder: File) = FileChannel.open(folder.toPath(), StandardOpenOption.READ).use { it.force(true) }

    /** Names are the engine's own; as hex they are good file names everywhere. */
    private fun file(name: String): File = File(folder, name.encodeToByteArray().joinToString("") { "%02x".format(it) })

    private inline fun <T> failing(verb: String, run: () -> T): T =
        try {
            run()
        } catch (error: IOException) {
            if (isNoRoom(error)) throw SecretException.Full()
            throw SecretException.Unavailable("a secret could not be $verb: ${error.message}")
        } catch (error: GeneralSecurityException) {
            throw SecretException.Unavailable("a secret could not be $verb: ${error.message}")
        } catch (error: ProviderException) {
            // What a keystore throws that does not answer, as before the first unlock.
            throw SecretException.Unavailable("a secret could not be $verb: ${error.message}")
        }

    /**
     * Whether there is no room, or nothing may be written. What the system says of it is in the phone's language; its number is
     * not, which Android gives. Where there is no number, the place is asked, and the words are understood in English.
     */
    private fun isNoRoom(error: IOException): Boolean {
        val causes = generateSequence<Throwable>(error) { it.cause }.take(CAUSES)
        val numbers = causes.filter { it.javaClass.name == "android.system.ErrnoException" }
        val number = numbers.firstNotNullOfOrNull { runCatching { it.javaClass.getField("errno").getInt(it) }.getOrNull() }
        if (number != null) return number in NO_ROOM_NUMBERS
        return NO_ROOM.any { it in error.message.orEmpty() } || isPlaceFull()
    }

    private fun isPlaceFull(): Boolean =
        runCatching { Files.getFileStore(folder.toPath()).let { it.isReadOnly || it.usableSpace < BLOCK } }.getOrDefault(false)

    private companion object {
        const val CIPHER = "AES/GCM/NoPadding"
        const val TAG_BITS = 128

        /** Bytes that any file takes. */
        const val BLOCK = 4096L
        const val CAUSES = 8

        /** ENOSPC, EDQUOT, EFBIG and EROFS, as Linux counts. */
        val NO_ROOM_NUMBERS = setOf(28, 122, 27, 30)

        /** What the system says of them in English. */
        val NO_ROOM = listOf("No space left", "quota exceeded", "File too large", "Read-only file system")
    }
}
