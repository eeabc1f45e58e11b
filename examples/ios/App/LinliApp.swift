// Layout only: not compiled by CI, which has no SwiftUI. What it shows and decides is in `Logic`, which is tested.

import Linli
import LinliSample
import SwiftUI

@main
struct LinliApp: App {
    @State private var session = AppSession(
        home: URL.applicationSupportDirectory.appending(path: "linli"),
        secrets: KeychainSecrets(service: "org.example.linli"), system: PhoneSystem(),
        asked: UserDefaults.standard.bool(forKey: "linli.asked"))
    @Environment(\.scenePhase) private var scene

    var body: some Scene {
        WindowGroup {
            RootView(session: session)
                .task { await session.open() }
                .onChange(of: scene) { _, phase in
                    Task { await session.changed(to: phase.asPhase) }
                }
        }
    }
}

struct RootView: View {
    let session: AppSession

    var body: some View {
        switch session.stage {
        case .opening:
            ProgressView()
        case .failed(let failure):
            FailureView(failure: failure, words: session.words) { Task { await session.open() } }
        case .stranger:
            JoinView(model: session.join, words: session.words) { Task { await session.joined() } }
        case .member:
            NavigationStack {
                BoardView(model: session.board, session: session)
            }
        }
    }
}

struct FailureView: View {
    let failure: Failure
    let words: Words
    var again: (() -> Void)?

    var body: some View {
        VStack(spacing: 16) {
            Text(failure.sentence(words))
            if let again, [.retry, .makeRoom, .reopen].contains(failure.cure) {
                Button(words.say("act.again"), action: again)
            }
        }
        .padding()
    }
}

extension ScenePhase {
    var asPhase: Phase {
        switch self {
        case .active: .active
        case .background: .background
        default: .inactive
        }
    }
}
