// Layout only: not compiled by CI, which has no SwiftUI. What it shows and decides is in `Logic`, which is tested.

import Linli
import LinliSample
import SwiftUI

struct OrderView: View {
    @State var model: OrderModel
    let words: Words

    var body: some View {
        List {
            if let row = model.row { OrderRowView(row: row) }
            if let note = model.note { Text(note) }
            if let contact = model.contact {
                HStack {
                    Text(words.say("screen.contact", ["contact": contact]))
                    if let call = model.call { Link(words.say("act.call"), destination: call) }
                }
            }
            Button(words.say("act.show_contact")) { Task { await model.revealContact() } }
            ForEach(model.review, id: \.self) { Text($0).foregroundStyle(.orange) }
            ForEach(model.disagreements) { field in
                Section(field.name) {
                    ForEach(Array(field.values.enumerated()), id: \.offset) { _, value in
                        Button(value.shown) { Task { await model.choose(value, of: field.field) } }
                    }
                }
            }
            Section {
                ForEach(model.actions, id: \.self) { action in
                    Button(words.say("act.\(action.rawValue)")) { Task { await model.act(action) } }
                }
            }
            Section { ForEach(model.history) { Text($0.text).foregroundStyle($0.counts ? .primary : .secondary) } }
        }
        .alert(
            model.failure?.sentence(words) ?? "",
            isPresented: Binding(get: { model.failure != nil }, set: { if !$0 { model.letItBe() } })
        ) {
            if model.warned != nil { Button(words.say("act.anyway")) { Task { await model.insist() } } }
            Button("OK", role: .cancel) { model.letItBe() }
        }
        .task { await model.follow() }
    }
}
