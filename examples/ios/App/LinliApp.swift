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
            VStack(spacing: 0) {
                // Whatever screen it is: somebody may need help.
                OnTopView(model: session.onTop, words: session.words)
                NavigationStack {
                    BoardView(model: session.board, session: session)
                }
            }
            .task { await session.onTop.follow() }
        }
    }
}

/// Who needs help, above whatever screen there is.
struct OnTopView: View {
    let model: OnTopModel
    let words: Words

    var body: some View {
        ForEach(model.all) { help in
            VStack(alignment: .leading) {
                Text(help.title).font(.headline)
                if let text = help.text { Text(text) }
                Text(help.toDo)
                HStack {
                    if let call = help.call { Link(words.say("act.call"), destination: call) }
                    Button(words.say("act.respond")) { Task { await model.respond(help.id) } }
                    Button(words.say("act.acknowledge")) { Task { await model.acknowledge(help.id) } }
                }
            }
            .padding()
            .frame(maxWidth: .infinity, alignment: .leading)
            .background(.red.opacity(0.2))
        }
        if let failure = model.failure { Text(failure.sentence(words)).foregroundStyle(.red) }
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
