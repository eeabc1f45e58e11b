// One order: what stands in it, what happened, and what this person can do about it now.

import Foundation
import Linli
import Observation

/// A line of an order's history.
public struct HistoryRow: Identifiable, Equatable, Sendable {
    public let id: String
    public let text: String
    public let counts: Bool
}

/// A field over which people disagree, and what each of them says.
public struct Disagreement: Identifiable, Equatable, Sendable {
    public var id: String { field }
    public let field: String
    public let name: String
    public let values: [Scalar]
}

/// What can be tapped.
public enum OrderAction: String, CaseIterable, Sendable {
    case claim = "claimed", release = "released", takeOver = "taken_over", delivered, leftAtDoor = "left_at_door", nobody
    case stillNeeded = "still_needed", cancel = "cancelled", reopen = "reopened"

    /// The engine's word for it.
    func command(insisting: Bool) -> OrderCommand {
        switch self {
        case .claim: .claim
        case .release: .release(why: nil)
        case .takeOver: .takeOver(anyway: insisting)
        case .delivered: .deliver(how: .handedOver, alreadyHappened: insisting, happenedAt: nil)
        case .leftAtDoor: .deliver(how: .leftAtDoor, alreadyHappened: insisting, happenedAt: nil)
        case .nobody: .attempt(outcome: .nobody, alreadyHappened: insisting, happenedAt: nil)
        case .stillNeeded: .stillNeeded
        case .cancel: .cancel(why: nil)
        case .reopen: .reopen(why: nil)
        }
    }

    /// What is offered for an order that stands like this. The engine decides; this only keeps buttons away that it would
    /// surely refuse.
    static func offered(for line: OrderLine) -> [OrderAction] {
        let ended = line.card.ended != nil
        if ended { return [.reopen] }
        if line.mine.contains(.holder) { return [.delivered, .leftAtDoor, .nobody, .release] }
        if line.card.holder == nil { return [.claim, .stillNeeded, .cancel] }
        return [.takeOver, .stillNeeded]
    }
}

/// An order's screen.
@MainActor @Observable
public final class OrderModel {
    public let order: String
    public private(set) var row: OrderRow?
    public private(set) var note: String?
    public private(set) var contact: String?
    /// The number to call, once somebody may see it.
    public private(set) var call: URL?
    public private(set) var actions: [OrderAction] = []
    public private(set) var review: [String] = []
    public private(set) var disagreements: [Disagreement] = []
    public private(set) var history: [HistoryRow] = []
    public private(set) var failure: Failure?
    /// What was warned about: the person can say that it happened all the same.
    public private(set) var warned: OrderAction?

    private let phone: Phone
    private let words: Words

    public init(order: String, phone: Phone, words: Words) {
        (self.order, self.phone, self.words) = (order, phone, words)
    }

    public func refresh() async {
        do {
            show(try await phone.order(order: order), settings: try await phone.settings())
            failure = nil
        } catch {
            fail(error)
        }
    }

    /// Looks again whenever this order changed.
    public func follow() async {
        do {
            let updates = try phone.updates()
            await refresh()
            for try await news in updates {
                if case .changed(_, let aggregate, _) = news, aggregate != order { continue }
                if news.touches("order") { await refresh() }
            }
        } catch {
            fail(error)
        }
    }

    /// Does it. A warning asks first: `insist` then says that it happened all the same.
    public func act(_ action: OrderAction) async {
        await submit(action, insisting: false)
    }

    public func insist() async {
        guard let action = warned else { return }
        await submit(action, insisting: true)
    }

    /// The person thought better of it.
    public func letItBe() {
        (warned, failure) = (nil, nil)
    }

    /// Chooses among what people say of a field.
    public func choose(_ value: Scalar, of field: String) async {
        await carryOut(.choose(field: field, value: value))
    }

    /// Shows whom to call; only for whoever holds the order, leads the building or coordinates.
    public func revealContact() async {
        do {
            let shown = try await phone.contact(order: order)
            contact = cleanLine(text: shown.contact.joined(separator: " / "))
            let digits = shown.contact.first.map { $0.filter { $0.isNumber || $0 == "+" } } ?? ""
            call = digits.isEmpty ? nil : URL(string: "tel:\(digits)")
        } catch {
            fail(error)
        }
    }

    private func submit(_ action: OrderAction, insisting: Bool) async {
        warned = nil
        await carryOut(action.command(insisting: insisting))
        if failure?.cure == .insist { warned = action }
    }

    private func carryOut(_ command: OrderCommand) async {
        do {
            _ = try await phone.submitOrder(id: newCommandId(), command: command, on: order)
            await refresh()
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: Error) {
        let said = Failure(error)
        if !said.isSilent { failure = said }
    }

    private func show(_ detail: OrderDetail, settings: SettingsView) {
        let words = self.words.knowing(names: detail.names, utcOffsetMinutes: settings.utcOffsetMinutes)
        row = OrderRow(detail.line, kinds: words.kinds(settings), words: words)
        let view = detail.view
        note = view.fields["note"]?.last.flatMap(\.text).map { cleanText(text: $0) }
        if !detail.contactShown {
            let written = view.fields["contact"]?.last.flatMap(\.text) ?? detail.line.card.contact
            contact = written.map { cleanLine(text: $0) }
        }
        actions = OrderAction.offered(for: detail.line)
        review = detail.review.map { words.say("review.\($0.code)", json: $0.params) }
        disagreements = view.fields.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map {
            Disagreement(field: $0.key, name: words.word("field", $0.key), values: $0.value)
        }
        history = detail.history.map { told in
            let who = told.by.map { words.called(id: $0) } ?? "@\(told.device.prefix(8))"
            var line = words.say(
                "screen.history_line",
                [
                    "when": words.time(at: told.wall), "who": who,
                    "what": words.say("event.order.\(told.code)", json: told.params),
                ])
            if let held = told.held {
                line += " · " + words.say("screen.held", ["why": words.word("held", code(of: held))])
            }
            return HistoryRow(id: told.event, text: line, counts: told.held == nil)
        }
    }
}

extension Scalar {
    /// The same, as a screen shows what somebody wrote.
    public var shown: String { text.map { cleanLine(text: $0) } ?? "–" }

    /// A text as it stands, numbers in figures, nothing for nothing.
    public var text: String? {
        switch self {
        case .null: nil
        case .bool(let yes): yes ? "✓" : "✗"
        case .int(let number): String(number)
        case .fraction(let qty): qty
        case .text(let text): text
        }
    }
}
