// Layout only: not compiled by CI, which has no SwiftUI. What it shows and decides is in `Logic`, which is tested.

import Linli
import LinliSample
import SwiftUI

struct BoardView: View {
    @Bindable var model: BoardModel
    let session: AppSession
    @State private var writes = false

    var body: some View {
        List {
            if let failure = model.failure {
                Text(failure.sentence(session.words)).foregroundStyle(.red)
            }
            if let newer = model.newer { Text(newer).foregroundStyle(.red) }
            LocalNetworkView(session: session)
            ForEach(model.rows) { row in
                NavigationLink(value: row.id) { OrderRowView(row: row) }
            }
            if model.rows.isEmpty {
                Text(session.words.say("screen.nothing")).foregroundStyle(.secondary)
            }
            if model.hasMore {
                Button("…") { Task { await model.more() } }
            }
        }
        .navigationDestination(for: String.self) { order in
            OrderView(model: session.order(order), words: session.words)
        }
        .toolbar {
            Picker("", selection: $model.scope) {
                ForEach(BoardScope.allCases, id: \.self) { Text(session.words.word("scope", $0.rawValue)) }
            }
            NavigationLink(session.words.say("screen.boxes")) { BoxesView(model: session.boxes(), session: session) }
            Button("+") { writes = true }
        }
        .sheet(isPresented: $writes) { DraftView(model: model, words: session.words) }
        .onChange(of: model.scope) { Task { await model.refresh() } }
        .refreshable { await model.refresh() }
        .task { await model.follow() }
    }
}

struct OrderRowView: View {
    let row: OrderRow

    var body: some View {
        VStack(alignment: .leading) {
            Text(row.title).font(.headline)
            Text("\(row.place) · \(row.status)").font(.subheadline)
            HStack { ForEach(row.badges, id: \.self) { Text($0).font(.caption).padding(4).background(.yellow.opacity(0.3)) } }
        }
    }
}

struct DraftView: View {
    @Bindable var model: BoardModel
    let words: Words
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        Form {
            Picker(words.word("field", "kind"), selection: $model.draft.kind) {
                ForEach(model.kinds, id: \.code) { Text($0.name).tag($0.code) }
            }
            TextField(words.word("field", "building"), text: $model.draft.building)
            TextField(words.word("field", "room"), text: $model.draft.room)
            TextField(words.word("field", "name"), text: $model.draft.items, axis: .vertical)
            TextField(words.word("field", "note"), text: $model.draft.note, axis: .vertical)
            TextField(words.word("field", "contact"), text: $model.draft.contact)
            if let failure = model.failure { Text(failure.sentence(words)).foregroundStyle(.red) }
            Button("OK") { Task { if await model.post() != nil { dismiss() } } }.disabled(!model.draft.isComplete)
        }
    }
}
