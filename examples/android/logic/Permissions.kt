package org.linli.sample

/** What the app wants to do that Android asks the person about. */
enum class Feature {
    /** Meet phones on the same Wi-Fi. */
    NEARBY_BY_WIFI,

    /** Meet phones without any network. */
    NEARBY_BY_BLUETOOTH,

    /** Scan an invitation. */
    SCAN,

    /** Show calls for help and that the app stays reachable. */
    NOTIFY,
}

/**
 * The permissions to ask for before a feature is used, by the phone's API level and the app's target; none where
 * installing the app was enough. Nothing else of the app depends on them: who declines goes without the feature.
 */
fun permissions(feature: Feature, sdk: Int, target: Int): List<String> =
    when (feature) {
        Feature.NEARBY_BY_WIFI -> if (sdk >= 37 && target >= 37) listOf("$ANDROID.ACCESS_LOCAL_NETWORK") else emptyList()
        Feature.NEARBY_BY_BLUETOOTH ->
            if (sdk >= 31) {
                listOf("$ANDROID.BLUETOOTH_SCAN", "$ANDROID.BLUETOOTH_ADVERTISE", "$ANDROID.BLUETOOTH_CONNECT")
            } else {
                // Up to Android 11 a Bluetooth scan counts as knowing where the phone is.
                listOf("$ANDROID.ACCESS_FINE_LOCATION")
            }
        Feature.SCAN -> listOf("$ANDROID.CAMERA")
        Feature.NOTIFY -> if (sdk >= 33) listOf("$ANDROID.POST_NOTIFICATIONS") else emptyList()
    }

private const val ANDROID = "android.permission"
