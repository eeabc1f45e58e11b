package android.system

/** What Android throws where the system refuses, as far as it is asked here. */
class ErrnoException(call: String, @JvmField val errno: Int) : Exception("$call failed")
