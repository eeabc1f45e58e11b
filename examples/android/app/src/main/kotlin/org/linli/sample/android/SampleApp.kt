// Not compiled by CI: needs Android. It decides nothing: see Engine, Presence and Alarms in `logic`.
package org.linli.sample.android

import android.app.AlarmManager
import android.app.Application
import android.app.PendingIntent
import android.bluetooth.BluetoothManager
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import android.net.wifi.WifiManager
import android.os.Build
import android.os.PowerManager
import androidx.annotation.RequiresApi
import androidx.core.content.ContextCompat
import androidx.core.content.getSystemService
import androidx.lifecycle.DefaultLifecycleObserver
import androidx.lifecycle.LifecycleOwner
import androidx.lifecycle.ProcessLifecycleOwner
import java.io.File
import java.util.Locale
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.launch
import org.linli.Linli
import org.linli.sample.Engine
import org.linli.sample.EngineState
import org.linli.sample.Meetings
import org.linli.sample.Platform
import org.linli.sample.Wake
import org.linli.sample.words.wordsOf

/** The process: one engine, and what of Android it hears and asks. */
class SampleApp : Application(), Platform {
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    val words by lazy { wordsOf(Locale.getDefault().toLanguageTag()) }
    val engine by lazy {
        Engine(scope, this) { Linli.open(File(noBackupFilesDir, "linli"), keystoreSecrets(this)) }
    }

    private val multicast by lazy {
        getSystemService<WifiManager>()!!.createMulticastLock("linli").apply { setReferenceCounted(false) }
    }
    private val alarms by lazy { getSystemService<AlarmManager>()!! }

    override fun onCreate() {
        super.onCreate()
        engine.start()
        ProcessLifecycleOwner.get().lifecycle.addObserver(
            object : DefaultLifecycleObserver {
                override fun onStart(owner: LifecycleOwner) = engine.now { copy(onScreen = true) }

                override fun onStop(owner: LifecycleOwner) = engine.now { copy(onScreen = false) }
            },
        )
        hearOfNetworks()
        hearOfBattery()
    }

    /** Phones without a network; once the person has allowed it. */
    @RequiresApi(Build.VERSION_CODES.Q)
    fun meetByBluetooth() =
        scope.launch {
            val adapter = getSystemService<BluetoothManager>()?.adapter ?: return@launch
            engine.state.filterIsInstance<EngineState.Ready>().collectLatest { (linli) ->
                coroutineScope {
                    val meetings = Meetings(linli)
                    launch { meetings.count.collect { pipes -> engine.now { copy(pipes = pipes) } } }
                    Bluetooth(adapter, meetings).run()
                }
            }
        }

    override fun keepAlive(on: Boolean) {
        val service = Intent(this, PresenceService::class.java)
        // Asked for while the app is on the screen, or by an alarm: elsewhere Android refuses, and the engine sleeps.
        runCatching { if (on) ContextCompat.startForegroundService(this, service) else stopService(service) }
    }

    override fun holdMulticast(on: Boolean) = if (on) multicast.acquire() else if (multicast.isHeld) multicast.release() else Unit

    override val exactAlarms: Boolean
        get() = Build.VERSION.SDK_INT < Build.VERSION_CODES.S || alarms.canScheduleExactAlarms()

    override fun set(wake: Wake) {
        val ring =
            PendingIntent.getBroadcast(
                this,
                0,
                Intent(this, AlarmReceiver::class.java),
                PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE,
            )
        when (wake) {
            is Wake.Never -> alarms.cancel(ring)
            is Wake.At -> {
                val at = wake.at.toEpochMilliseconds()
                if (wake.exact) alarms.setExactAndAllowWhileIdle(AlarmManager.RTC_WAKEUP, at, ring)
                else alarms.setAndAllowWhileIdle(AlarmManager.RTC_WAKEUP, at, ring)
            }
        }
    }

    private fun hearOfNetworks() {
        val local =
            NetworkRequest.Builder()
                .addTransportType(NetworkCapabilities.TRANSPORT_WIFI)
                .addTransportType(NetworkCapabilities.TRANSPORT_ETHERNET)
                .removeCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
                .build()
        getSystemService<ConnectivityManager>()!!.registerNetworkCallback(
            local,
            object : ConnectivityManager.NetworkCallback() {
                override fun onAvailable(network: Network) = changed(true)

                override fun onLost(network: Network) = changed(false)

                private fun changed(there: Boolean) {
                    engine.now { copy(localNetwork = there) }
                    scope.launch { runCatching { engine.node()?.networkChanged() } }
                }
            },
        )
    }

    private fun hearOfBattery() {
        val power = getSystemService<PowerManager>()!!
        registerReceiver(
            object : BroadcastReceiver() {
                override fun onReceive(context: Context, intent: Intent) = engine.now { copy(savesBattery = power.isPowerSaveMode) }
            },
            IntentFilter(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED),
        )
    }
}
