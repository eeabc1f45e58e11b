// A medicine box: what is in it, what is kept back and why, and taking something for a room.

import Foundation
import Linli
import Observation

/// A lot in a box's list.
public struct LotRow: Identifiable, Equatable, Sendable {
    public let id: String
    public let text: String
    /// Why it is not handed out; none if it is.
    public let keptBack: String?
    public let uncertain: Bool
    public let shortfall: Bool
}

/// A box in a list.
public struct BoxRow: Identifiable, Equatable, Sendable {
    public let id: String
    public let place: String
    /// What a keeper should see to: to be counted again, running low.
    public let badges: [String]
}

/// The boxes.
@MainActor @Observable
public final class BoxesModel {
    public private(set) var rows: [BoxRow] = []
    public private(set) var failure: Failure?

    private let phone: Phone
    private let words: Words

    public init(phone: Phone, words: Words) {
        (self.phone, self.words) = (phone, words)
    }

    public func refresh() async {
        do {
            rows = try await phone.boxes().filter(\.open).map { box in
                let named = box.building.map { words.place(building: $0, unit: nil, room: box.place) }
                let place = named ?? box.place.map { cleanLine(text: $0) }
                var badges: [String] = []
                if box.uncertain > 0 { badges.append(words.say("screen.uncertain")) }
                if box.low > 0 { badges.append(words.say("screen.box_low", ["count": "\(box.low)"])) }
                return BoxRow(id: box.medicineBox, place: place ?? words.called(id: box.medicineBox), badges: badges)
            }
            failure = nil
        } catch {
            failure = Failure(error)
        }
    }
}

/// What somebody wants to take, and for whom.
public struct TakeDraft: Equatable, Sendable {
    public var product = ""
    public var quantity = 1
    public var unit: String?
    public var building = ""
    public var room = ""

    public init() {}

    public var isComplete: Bool {
        !product.isEmpty && quantity > 0 && !building.trimmed.isEmpty && !room.trimmed.isEmpty
    }

    func command(insisting: Bool) -> BoxCommand {
        .take(
            what: .product(product: product, qty: "\(quantity)", unit: unit),
            room: BoxRoom(building: building.trimmed, unit: "", room: room.trimmed), order: nil, overrideReason: nil,
            when: BoxWhen(alreadyHappened: insisting, happenedAt: nil))
    }
}

/// A box's screen.
@MainActor @Observable
public final class BoxModel {
    public let box: String
    public private(set) var place = ""
    public private(set) var lots: [LotRow] = []
    /// What the box would give for the draft: lots and quantities, first those that expire first.
    public private(set) var picks: [String] = []
    public private(set) var missing = Decimal(0)
    /// A sentence at the head when something in the box was recalled.
    public private(set) var recallNotice: String?
    /// Whether ledgers and stock agree. If not, the engine is at fault: report it.
    public private(set) var addsUp = true
    public private(set) var failure: Failure?
    public private(set) var warned = false
    public var draft = TakeDraft()

    private let phone: Phone
    private let words: Words

    public init(box: String, phone: Phone, words: Words) {
        (self.box, self.phone, self.words) = (box, phone, words)
    }

    public func refresh() async {
        await attempt { try show(await phone.boxDetail(medicineBox: box)) }
    }

    /// Looks again whenever this box, a product or a recall changed.
    public func follow() async {
        do {
            let updates = try phone.updates()
            await refresh()
            for try await news in updates where ["box", "recall", "product"].contains(where: news.touches) {
                await refresh()
            }
        } catch {
            failure = Failure(error)
        }
    }

    /// Asks what the box would give.
    public func preview() async {
        await attempt {
            let ask = BoxAskFor(product: draft.product, qty: "\(draft.quantity)", unit: draft.unit)
            let offer = try await phone.offer(medicineBox: box, ask: ask)
            missing = decimal(offer.missing)
            picks = offer.picks.map { pick in lots.first { $0.id == pick.lot }.map(\.text) ?? pick.lot }
        }
    }

    /// Takes it. What only warns asks first; `insist` then says that it happened all the same.
    public func take() async {
        await take(insisting: false)
    }

    public func insist() async {
        await take(insisting: true)
    }

    private func take(insisting: Bool) async {
        guard draft.isComplete else { return }
        warned = false
        await attempt {
            _ = try await phone.submitBox(id: newCommandId(), command: draft.command(insisting: insisting), on: box)
            draft = TakeDraft()
            try show(await phone.boxDetail(medicineBox: box))
        }
        warned = failure?.cure == .insist
    }

    private func attempt(_ work: () async throws -> Void) async {
        do {
            try await work()
            failure = nil
        } catch {
            let said = Failure(error)
            if !said.isSilent { failure = said }
        }
    }

    private func show(_ detail: BoxDetail) throws {
        place = detail.line.place.map { cleanLine(text: $0) } ?? words.called(id: detail.line.medicineBox)
        addsUp = detail.lots.allSatisfy { ($0.ledger.last?.running ?? "0") == $0.qty && $0.balance.stock == $0.qty }
        let rows = try detail.lots.filter { $0.qty != "0" || $0.uncertain }.map(row)
        lots = rows
        let recalled = detail.lots.filter { if case .recalled = $0.hidden { decimal($0.qty) > 0 } else { false } }.count
        recallNotice = recalled == 0 ? nil : words.say("screen.recalled", ["count": "\(recalled)"])
    }

    private func row(_ lot: LotDetail) throws -> LotRow {
        let unknown = words.say("screen.unknown")
        var text = words.say(
            "screen.lot_short",
            [
                "product": lot.product ?? unknown, "qty": lot.qty, "unit": lot.goods?.unit ?? "",
                "expiry": lot.goods?.expiry ?? unknown,
            ])
        if lot.uncertain { text += " · " + words.say("screen.uncertain") }
        let isShort = decimal(lot.qty) < 0
        if isShort { text += " · " + words.say("screen.short_by", ["qty": "\(-decimal(lot.qty))"]) }
        let keptBack = try lot.hidden.map { words.say("screen.hidden", ["why": try words.why(hidden: $0)]) }
        return LotRow(id: lot.lot, text: text, keptBack: keptBack, uncertain: lot.uncertain, shortfall: isShort)
    }
}

/// A quantity to reckon with. The engine writes it with a point, whatever the phone's language.
private func decimal(_ qty: Qty) -> Decimal {
    Decimal(string: qty, locale: Locale(identifier: "en_US_POSIX")) ?? 0
}
