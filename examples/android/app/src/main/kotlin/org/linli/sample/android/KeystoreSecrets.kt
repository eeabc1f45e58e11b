// Not compiled by CI: needs Android. What it builds on (SealedSecrets) is compiled and tested by ffi/kotlin/test.
package org.linli.sample.android

import android.content.Context
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.io.File
import java.security.KeyStore
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import org.linli.SealedSecrets
import org.linli.SecretStore

/**
 * Secrets in files that only a key of this phone's Keystore opens. Neither the files nor the key get into a backup.
 *
 * No screen lock is asked for: the phone must be able to open the home for an alarm while it is locked.
 */
fun keystoreSecrets(context: Context): SecretStore =
    SealedSecrets(File(context.noBackupFilesDir, "secrets"), ::keystoreKey)

private fun keystoreKey(): SecretKey {
    val store = KeyStore.getInstance("AndroidKeyStore").apply { load(null) }
    (store.getKey(ALIAS, null) as SecretKey?)?.let { return it }
    val spec =
        KeyGenParameterSpec.Builder(ALIAS, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(256)
            .build()
    return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, "AndroidKeyStore").apply { init(spec) }.generateKey()
}

private const val ALIAS = "linli"
