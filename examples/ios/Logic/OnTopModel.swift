// What stands above every screen: who needs help, until somebody acknowledges it, and what to do now.

import Foundation
import Linli
import Observation

/// Somebody who needs help.
public struct HelpNeeded: Identifiable, Equatable, Sendable {
    public let id: String
    public let title: String
    /// What is the matter, in the words of whoever called.
    public let text: String?
    /// What to do now, in words.
    public let toDo: String
    /// The number to dial.
    public let call: URL?

    init(_ one: AlertOnTop, words: Words) {
        let card = one.line.card
        id = card.alert
        let place = [card.building, card.unit, card.room].compactMap { $0 }.joined(separator: "-")
        let parts = [words.say("screen.help_needed"), words.word("what", card.what), place, words.called(id: card.raisedBy)]
        title = cleanLine(text: parts.filter { !$0.isEmpty }.joined(separator: " · "))
        text = one.text.map { cleanLine(text: $0) }
        toDo = words.say("todo.\(code(of: one.line.escalation))", ["number": one.emergencyNumber])
        let digits = one.emergencyNumber.filter { $0.isNumber || $0 == "+" }
        call = digits.isEmpty ? nil : URL(string: "tel:\(digits)")
    }
}

/// All who need help. It is read again when an alert changes, and when time alone makes one louder.
@MainActor @Observable
public final class OnTopModel {
    public private(set) var all: [HelpNeeded] = []
    public private(set) var failure: Failure?

    private let phone: Phone
    private let words: Words
    private var louder: Task<Void, Never>?

    public init(phone: Phone, words: Words) {
        (self.phone, self.words) = (phone, words)
    }

    public func refresh() async {
        do {
            guard try await phone.member() != nil else { return }
            let words = self.words.knowing(names: try await phone.names())
            all = try await phone.alertsOnTop().map { HelpNeeded($0, words: words) }
            lookAgain(inMs: try await phone.nextEscalationMs())
            failure = nil
        } catch {
            fail(error)
        }
    }

    /// Looks again whenever something changed, for as long as the app has screens.
    public func follow() async {
        defer { louder?.cancel() }
        do {
            let updates = try phone.updates()
            await refresh()
            for try await news in updates where news.touches("alert") {
                await refresh()
            }
        } catch {
            fail(error)
        }
    }

    /// This person has seen it and cares for it.
    public func acknowledge(_ alert: String) async {
        await answer(alert, .acknowledge)
    }

    /// This person goes there.
    public func respond(_ alert: String, etaMinutes: UInt16? = nil) async {
        await answer(alert, .respond(etaMinutes: etaMinutes))
    }

    private func answer(_ alert: String, _ command: AlertCommand) async {
        do {
            _ = try await phone.submitAlert(id: newCommandId(), command: command, on: alert)
            await refresh()
        } catch {
            fail(error)
        }
    }

    private func lookAgain(inMs wait: UInt64?) {
        louder?.cancel()
        louder = wait.map { wait in
            Task { [weak self] in
                // A moment behind: then it is louder.
                guard (try? await Task.sleep(for: .milliseconds(wait + 100))) != nil else { return }
                await self?.refresh()
            }
        }
    }

    private func fail(_ error: Error) {
        let said = Failure(error)
        if !said.isSilent { failure = said }
    }
}
