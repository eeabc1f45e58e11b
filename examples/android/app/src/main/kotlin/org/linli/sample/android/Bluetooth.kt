// Not compiled by CI: needs Android. What is said over the socket, and to whom, is decided by Meetings in `logic`.
package org.linli.sample.android

import android.annotation.SuppressLint
import android.bluetooth.BluetoothAdapter
import android.bluetooth.BluetoothDevice
import android.bluetooth.BluetoothSocket
import android.bluetooth.le.AdvertiseCallback
import android.bluetooth.le.AdvertiseData
import android.bluetooth.le.AdvertiseSettings
import android.bluetooth.le.ScanCallback
import android.bluetooth.le.ScanFilter
import android.bluetooth.le.ScanResult
import android.bluetooth.le.ScanSettings
import android.os.Build
import android.os.ParcelUuid
import androidx.annotation.RequiresApi
import java.nio.ByteBuffer
import java.util.UUID
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import org.linli.ByteSocket
import org.linli.sample.Meetings

/**
 * Phones without a network: each shows a beacon with the channel it listens on, and connects to whom it recognises.
 *
 * Bluetooth LE with connection-oriented channels (Android 10): no pairing, because the engine proves who is there.
 */
@RequiresApi(Build.VERSION_CODES.Q)
@SuppressLint("MissingPermission") // asked for by the screen that switches it on: see `permissions` in `logic`
class Bluetooth(private val adapter: BluetoothAdapter, private val meetings: Meetings) {
    private val lastMet = HashMap<String, Long>()

    /** Until cancelled. */
    suspend fun run() =
        coroutineScope {
            val door = adapter.listenUsingInsecureL2capChannel()
            try {
                launch(Dispatchers.IO) {
                    while (isActive) {
                        val socket = door.accept()
                        // Closed in the end, though the meeting may be cancelled before it began.
                        launch { meetings.accept(socket.asByteSocket()) }.invokeOnCompletion { socket.close() }
                    }
                }
                launch { while (isActive) advertise(door.psm) }
                found().collect { (device, beacon, psm) -> meet(device, beacon, psm) }
            } finally {
                door.close()
            }
        }

    /** A beacon for an hour; then another, so that nobody can follow the phone. */
    private suspend fun advertise(psm: Int) {
        val beacon = meetings.beacon() ?: return delay(1.minutes)
        val settings = AdvertiseSettings.Builder().setConnectable(true).setAdvertiseMode(AdvertiseSettings.ADVERTISE_MODE_LOW_POWER)
        val mark = AdvertiseData.Builder().addServiceUuid(SERVICE).build()
        val data = ByteBuffer.allocate(beacon.size + 2).put(beacon).putShort(psm.toShort()).array()
        val answer = AdvertiseData.Builder().addManufacturerData(NOBODY, data).build()
        val callback = object : AdvertiseCallback() {}
        adapter.bluetoothLeAdvertiser.startAdvertising(settings.build(), mark, answer, callback)
        try {
            delay(1.hours)
        } finally {
            adapter.bluetoothLeAdvertiser.stopAdvertising(callback)
        }
    }

    private fun found(): Flow<Triple<BluetoothDevice, ByteArray, Int>> =
        callbackFlow {
            val callback =
                object : ScanCallback() {
                    override fun onScanResult(type: Int, result: ScanResult) {
                        val data = result.scanRecord?.getManufacturerSpecificData(NOBODY) ?: return
                        if (data.size != 18) return
                        val psm = ByteBuffer.wrap(data, 16, 2).short.toInt() and 0xffff
                        trySend(Triple(result.device, data.copyOf(16), psm))
                    }
                }
            val filter = ScanFilter.Builder().setServiceUuid(SERVICE).build()
            val settings = ScanSettings.Builder().setScanMode(ScanSettings.SCAN_MODE_LOW_POWER).build()
            adapter.bluetoothLeScanner.startScan(listOf(filter), settings, callback)
            awaitClose { adapter.bluetoothLeScanner.stopScan(callback) }
        }

    private suspend fun meet(device: BluetoothDevice, beacon: ByteArray, psm: Int) {
        val now = System.nanoTime()
        if (now - (lastMet[device.address] ?: Long.MIN_VALUE / 2) < AGAIN.inWholeNanoseconds || !meetings.isOurs(beacon)) return
        lastMet[device.address] = now
        meetings.dial { connected(device, psm) }
    }

    private suspend fun connected(device: BluetoothDevice, psm: Int): ByteSocket {
        val socket = device.createInsecureL2capChannel(psm)
        try {
            withContext(Dispatchers.IO) { socket.connect() }
        } catch (failed: Throwable) {
            socket.close()
            throw failed
        }
        return socket.asByteSocket()
    }

    private companion object {
        val SERVICE = ParcelUuid(UUID.fromString("6c696e6c-6900-4d65-8574-676e65696768"))

        /** The number for those who have none of the Bluetooth SIG. */
        const val NOBODY = 0xffff
        val AGAIN = 2.minutes
    }
}

private fun BluetoothSocket.asByteSocket(): ByteSocket =
    object : ByteSocket {
        override val input = this@asByteSocket.inputStream
        override val output = this@asByteSocket.outputStream

        override fun close() = this@asByteSocket.close()
    }
