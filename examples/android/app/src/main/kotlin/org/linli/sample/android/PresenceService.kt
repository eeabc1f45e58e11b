// Not compiled by CI: needs Android. When it runs is decided by `presence` in `logic`.
package org.linli.sample.android

import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.Service
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import androidx.core.app.NotificationCompat
import androidx.core.app.ServiceCompat
import androidx.core.content.getSystemService
import kotlinx.coroutines.launch
import org.linli.sample.reminder

/**
 * Keeps the process alive while this phone is to be reachable. It does nothing itself: the engine runs in the process.
 *
 * The type is `connectedDevice`, which is what it does and which no time limit ends; `dataSync` is stopped after six
 * hours from Android 15 on.
 */
class PresenceService : Service() {
    override fun onBind(intent: Intent): IBinder? = null

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        val app = application as SampleApp
        val shown =
            NotificationCompat.Builder(this, app.channel(PRESENCE, NotificationManager.IMPORTANCE_LOW))
                .setSmallIcon(android.R.drawable.stat_notify_sync)
                .setContentTitle(app.words.say("screen.reachable"))
                .setContentText(app.words.say("screen.reachable_why"))
                .setOngoing(true)
                .build()
        val type = if (Build.VERSION.SDK_INT >= 29) ServiceInfo.FOREGROUND_SERVICE_TYPE_CONNECTED_DEVICE else 0
        ServiceCompat.startForeground(this, 1, shown, type)
        // If Android ends the process all the same, it starts it again, and the engine decides anew.
        return START_STICKY
    }
}

/** The engine's alarm went off: it is asked what for, and sets the next one. */
class AlarmReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val app = context.applicationContext as SampleApp
        inTheBackground(app) {
            app.engine.alarmWentOff()?.let { of ->
                val shown =
                    NotificationCompat.Builder(app, app.channel(REMINDERS, NotificationManager.IMPORTANCE_HIGH))
                        .setSmallIcon(android.R.drawable.stat_notify_error)
                        .setContentTitle(app.words.reminder(of))
                        .build()
                app.getSystemService<NotificationManager>()!!.notify(2, shown)
            }
        }
    }
}

/** Alarms do not outlive a restart of the phone. */
class BootReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val app = context.applicationContext as SampleApp
        inTheBackground(app) { app.engine.alarmWentOff() }
    }
}

/** Android is told in the end, however it ends, and though it may never begin. */
private fun BroadcastReceiver.inTheBackground(app: SampleApp, run: suspend () -> Unit) {
    val done = goAsync()
    app.scope.launch { run() }.invokeOnCompletion { done.finish() }
}

private const val PRESENCE = "presence"
private const val REMINDERS = "reminders"

private fun SampleApp.channel(name: String, importance: Int): String {
    if (Build.VERSION.SDK_INT >= 26) {
        getSystemService<NotificationManager>()!!.createNotificationChannel(NotificationChannel(name, words.say("channel.$name"), importance))
    }
    return name
}
