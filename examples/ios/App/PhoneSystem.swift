// Layout only: not compiled by CI, which has no iOS. What iOS does for the app: time in the background, the one alarm, the
// search that tells whether the local network is allowed.

import Linli
import LinliSample
import Network
import UIKit
import UserNotifications
import dnssd

/// Background time and the alarm.
actor PhoneSystem: System {
    private var task = UIBackgroundTaskIdentifier.invalid

    func beginBackgroundTime() async {
        task = await UIApplication.shared.beginBackgroundTask(withName: "linli.suspend")
    }

    func endBackgroundTime() async {
        let ended = task
        task = .invalid
        if ended != .invalid { await UIApplication.shared.endBackgroundTask(ended) }
    }

    func setAlarm(_ alarm: Wakeup?) async {
        let center = UNUserNotificationCenter.current()
        center.removePendingNotificationRequests(withIdentifiers: ["linli.alarm"])
        guard let alarm else { return }
        let content = UNMutableNotificationContent()
        content.title = Words.preferred().say(alarm.key, json: alarm.params)
        content.sound = .default
        content.interruptionLevel = .timeSensitive
        let trigger = UNTimeIntervalNotificationTrigger(
            timeInterval: max(1, alarm.at.timeIntervalSinceNow), repeats: false)
        try? await center.add(UNNotificationRequest(identifier: "linli.alarm", content: content, trigger: trigger))
    }
}

/// Searches for others of this app, which makes iOS ask the person, and tells what came of it.
final class LocalNetworkProbe {
    private var browser: NWBrowser?

    func probe(_ told: @escaping @MainActor (Probe) -> Void) {
        let browser = NWBrowser(for: .bonjour(type: "_linli._udp", domain: nil), using: .udp)
        browser.stateUpdateHandler = { state in
            switch state {
            case .ready: Task { @MainActor in told(.ready) }
            case .waiting(.dns(let code)) where Int(code) == kDNSServiceErr_PolicyDenied:
                Task { @MainActor in told(.policyDenied) }
            case .waiting, .failed: Task { @MainActor in told(.noNetwork) }
            default: break
            }
        }
        browser.start(queue: .main)
        self.browser?.cancel()
        self.browser = browser
    }
}
