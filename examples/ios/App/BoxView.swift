// Layout only: not compiled by CI, which has no SwiftUI. What it shows and decides is in `Logic`, which is tested.

import Linli
import LinliSample
import SwiftUI

struct BoxesView: View {
    @State var model: BoxesModel
    let session: AppSession

    var body: some View {
        List(model.rows) { row in
            NavigationLink {
                BoxView(model: session.box(row.id), words: session.words)
            } label: {
                VStack(alignment: .leading) {
                    Text(row.place)
                    ForEach(row.badges, id: \.self) { Text($0).font(.caption).foregroundStyle(.orange) }
                }
            }
        }
        .navigationTitle(session.words.say("screen.boxes"))
        .task { await model.refresh() }
    }
}

struct BoxView: View {
    @State var model: BoxModel
    let words: Words

    var body: some View {
        List {
            if let notice = model.recallNotice { Text(notice).bold().foregroundStyle(.red) }
            Section(model.place) {
                ForEach(model.lots) { lot in
                    VStack(alignment: .leading) {
                        Text(lot.text)
                        if let why = lot.keptBack { Text(why).font(.caption).foregroundStyle(.secondary) }
                    }
                }
            }
            Section(words.say("act.take")) {
                TextField(words.word("field", "building"), text: $model.draft.building)
                TextField(words.word("field", "room"), text: $model.draft.room)
                Stepper("\(model.draft.quantity)", value: $model.draft.quantity, in: 1...999)
                ForEach(model.picks, id: \.self) { Text($0) }
                if let failure = model.failure { Text(failure.sentence(words)).foregroundStyle(.red) }
                if model.warned { Button(words.say("act.anyway")) { Task { await model.insist() } } }
                Button(words.say("act.take")) { Task { await model.take() } }.disabled(!model.draft.isComplete)
            }
        }
        .onChange(of: model.draft) { Task { await model.preview() } }
        .task { await model.follow() }
    }
}
