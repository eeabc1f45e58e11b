// Layout only: not compiled by CI, which has no SwiftUI. What it shows and decides is in `Logic`, which is tested.

import LinliSample
import SwiftUI

/// One line at the head of the board while the local network is not to be had.
struct LocalNetworkView: View {
    let session: AppSession
    @State private var probe = LocalNetworkProbe()
    @Environment(\.scenePhase) private var scene
    @Environment(\.openURL) private var openURL

    var body: some View {
        Group {
            if let hint = session.localNetwork.hint {
                VStack(alignment: .leading) {
                    Text(session.words.say(hint))
                    switch session.localNetwork.state {
                    case .explain: Button("OK") { carryOut(session.localNetwork.explained()) }
                    case .denied:
                        Button(session.words.say("act.settings")) {
                            URL(string: UIApplication.openSettingsURLString).map { openURL($0) }
                        }
                    default: EmptyView()
                    }
                }
            }
        }
        .onChange(of: scene) { if scene == .active { carryOut(session.localNetwork.cameBack()) } }
    }

    private func carryOut(_ step: LocalNetwork.Step?) {
        guard step == .probe else { return }
        UserDefaults.standard.set(true, forKey: "linli.asked")
        probe.probe { told in Task { await session.learned(told) } }
    }
}
