// The board: which orders are shown, what stands in a row, and when to look again.

import Foundation
import Linli
import Observation

/// What a row of the board shows.
public struct OrderRow: Identifiable, Equatable, Sendable {
    public let id: String
    public let title: String
    public let place: String
    public let status: String
    public let urgent: Bool
    /// Small words beside it: contested, overdue, lapsed.
    public let badges: [String]
    public let mine: Bool

    public init(_ line: OrderLine, kinds: [String: String], words: Words) {
        let card = line.card
        id = line.order
        let kind = kinds[card.kind] ?? card.kind
        title = cleanLine(text: card.items.isEmpty ? kind : "\(kind): \(words.several(texts: card.items))")
        place = words.place(building: card.building, unit: card.unit, room: card.room)
        status =
            card.holder.map { words.say("screen.held_by", ["holder": $0]) }
            ?? words.word("status.order", code(of: card.status))
        urgent = card.urgency != .normal
        mine = line.mine.contains(.holder)
        var badges: [String] = []
        if urgent { badges.append(words.word("urgency", code(of: card.urgency))) }
        if card.contested { badges.append(words.say("screen.contested")) }
        if line.overdue { badges.append(words.say("screen.overdue")) }
        if line.lapsed { badges.append(words.say("screen.lapsed")) }
        if line.stale { badges.append(words.say("screen.stale")) }
        if card.conflicts > 0 { badges.append(words.say("screen.conflicts", ["count": "\(card.conflicts)"])) }
        if card.review > 0 { badges.append(words.say("screen.review", ["count": "\(card.review)"])) }
        self.badges = badges
    }
}

/// Which orders somebody wants to see.
public enum BoardScope: String, Sendable, CaseIterable {
    /// All that is left to do.
    case open
    /// What this person has to do with.
    case mine
    /// What nobody holds.
    case free
    /// What people have to look at.
    case review

    var filter: OrderFilter {
        switch self {
        case .open: OrderFilter(state: .open)
        case .mine: OrderFilter(state: .open, mine: [.holder, .contender, .offered])
        case .free: OrderFilter(state: .open, held: false)
        case .review: OrderFilter(state: .all, review: true)
        }
    }
}

/// What somebody writes down for a resident.
public struct OrderDraft: Equatable, Sendable {
    public var building = ""
    public var room = ""
    public var kind = "medicine"
    public var items = ""
    public var note = ""
    public var contact = ""
    public var urgency = Urgency.normal
    /// The name of this tap: kept until it is answered, so that trying again posts nothing twice.
    public fileprivate(set) var command: String?

    public init() {}

    /// Whether there is enough to post.
    public var isComplete: Bool {
        !building.trimmed.isEmpty && !(items.trimmed.isEmpty && note.trimmed.isEmpty)
    }

    var order: NewOrder {
        let items = items.split(whereSeparator: { ",，、\n".contains($0) }).map { String($0).trimmed }
        return NewOrder(
            building: building.trimmed, room: room.trimmed.orNil, kind: kind, urgency: urgency, contact: contact.trimmed.orNil,
            note: note.trimmed.orNil, items: items.filter { !$0.isEmpty }.map { NewItem(name: $0) }, way: .app)
    }
}

/// The board.
@MainActor @Observable
public final class BoardModel {
    public private(set) var rows: [OrderRow] = []
    /// What an order can be for, in the order of the community's table.
    public private(set) var kinds: [(code: String, name: String)] = []
    public private(set) var hasMore = false
    public private(set) var failure: Failure?
    /// What to say where something came that only a newer app reads.
    public private(set) var newer: String?
    public var draft = OrderDraft()
    public var scope = BoardScope.open {
        didSet { pages = 1 }
    }

    private let phone: Phone
    private let words: Words
    private var pages = 1

    public init(phone: Phone, words: Words) {
        (self.phone, self.words) = (phone, words)
    }

    /// Looks once.
    public func refresh() async {
        await attempt {
            let settings = try await phone.settings()
            let words = self.words.knowing(names: try await phone.names(), utcOffsetMinutes: settings.utcOffsetMinutes)
            let active = settings.orderKinds.filter(\.active)
            kinds = active.map { ($0.code, words.name(of: $0)) }
            let names = words.kinds(settings)
            var found: [OrderLine] = []
            var filter = scope.filter
            var next: String?
            for _ in 0..<pages {
                let page = try await phone.board(filter: filter)
                found += page.items
                next = page.next
                guard let after = page.next else { break }
                filter.after = after
            }
            let unread = try await phone.needsNewerApp()
            let urgent = unread.contains(where: \.protects)
            newer = unread.isEmpty ? nil : words.say(urgent ? "screen.newer_at_once" : "screen.newer")
            rows = found.map { OrderRow($0, kinds: names, words: words) }
            hasMore = next != nil
        }
    }

    /// Looks further down.
    public func more() async {
        pages += 1
        await refresh()
    }

    // snippet: follow
    /// Looks again whenever something changed, for as long as the screen is there: its `.task` ends this.
    public func follow() async {
        do {
            // Before the first look, so that nothing happens unheard in between.
            let updates = try phone.updates()
            await refresh()
            for try await news in updates where news.touches("order") {
                await refresh()
            }
        } catch {
            failure = Failure(error)
        }
    }
    // end

    // snippet: post
    /// Posts the draft. What fails can be tried again: the same command posts nothing twice.
    public func post() async -> String? {
        guard draft.isComplete else { return nil }
        return await attempt {
            let command = try draft.command ?? newCommandId()
            draft.command = command
            let receipt = try await phone.submitOrder(id: command, command: .post(draft.order))
            draft = OrderDraft()
            await refresh()
            return receipt.aggregate
        }
    }
    // end

    private func attempt<T: Sendable>(_ work: () async throws -> T) async -> T? {
        do {
            let answer = try await work()
            failure = nil
            return answer
        } catch {
            let said = Failure(error)
            if !said.isSilent { failure = said }
            // A refused draft is another one when it was changed.
            if said.key.hasPrefix("refusal.") { draft.command = nil }
            return nil
        }
    }
}

extension Update {
    /// Whether a list of things of this type may look different now.
    public func touches(_ wanted: String) -> Bool {
        switch self {
        case .changed(let kind, _, _): kind == wanted || kind == "settings"
        case .review(let kind, _, _): kind == wanted
        case .roster, .erased, .newer, .missed: true
        case .invitation, .peer: false
        }
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
    var orNil: String? { isEmpty ? nil : self }
}

extension Words {
    /// What a word of the community's tables is called.
    func name(of term: SettingsTerm) -> String {
        isChinese() ? term.zh : term.en
    }

    /// What kinds of orders are called.
    func kinds(_ settings: SettingsView) -> [String: String] {
        Dictionary(settings.orderKinds.map { ($0.code, name(of: $0)) }, uniquingKeysWith: { $1 })
    }

    /// A door, as people say it.
    public func place(building: String, unit: String?, room: String?) -> String {
        let within = [unit, room].compactMap { $0 }.joined(separator: "-")
        guard !within.isEmpty else { return say("screen.building", ["building": building]) }
        return say("screen.room", ["building": building, "room": within])
    }
}
