// One way to each error that an app can come by.

import Foundation
import Linli

/// A keystore that never answers.
private final class Locked: SecretStore {
    func get(name: String) throws -> Data? { throw SecretError.Unavailable(reason: "locked") }
    func put(name: String, secret: Data) throws { throw SecretError.Unavailable(reason: "locked") }
    func remove(name: String) throws { throw SecretError.Unavailable(reason: "locked") }
}

extension Story {
    /// Provokes every error that the story says how to, throws the others, and catches each by its type.
    func errors() async throws -> Seen {
        let place = URL(fileURLWithPath: try freshHome())
        defer { try? FileManager.default.removeItem(at: place) }
        let others = Others(place: place)
        try await others.open()
        var missed: [String] = []
        let made = try storyErrors(provoked: false)
        let provoked = try storyErrors(provoked: true)
        for wanted in made + provoked {
            do {
                if made.contains(wanted) { throw constructed(wanted) }
                try await provoke(wanted, others)
                missed.append("\(wanted): nothing was thrown")
            } catch let error as LinliError where "\(error)".prefix(while: \.isLetter) == wanted {
                continue
            } catch {
                missed.append("\(wanted): \(error)")
            }
        }
        return ["variants": made.count + provoked.count, "missed": missed]
    }

    /// Gu and He, who are nobody's members, and what errors need from one to the next.
    final class Others {
        let place: URL
        let guSecrets = MemorySecrets()
        var gu: Phone!
        var he: Phone!
        var inviting: Inviting?

        init(place: URL) {
            self.place = place
        }

        func open() async throws {
            gu = try await Phone.open(home: home("gu"), secrets: guSecrets)
            he = try await Phone.open(home: home("he"), secrets: MemorySecrets())
        }

        func home(_ name: String) -> String {
            place.appendingPathComponent(name).path
        }
    }

    private func constructed(_ variant: String) -> Error {
        switch variant {
        case "Withdrawn": LinliError.Withdrawn
        case "CareHidden": LinliError.CareHidden(needs: [])
        case "NoRoom": LinliError.NoRoom(detail: "")
        case "DiskFull": LinliError.DiskFull
        case "Damaged": LinliError.Damaged(detail: "")
        case "DatabaseLost": LinliError.DatabaseLost(detail: "")
        case "NewerHome": LinliError.NewerHome(theirs: 2, ours: 1)
        case "Internal": LinliError.Internal(detail: "")
        case "NewerVersion": LinliError.NewerVersion(detail: "")
        case "NotHeard": LinliError.NotHeard
        case "PeerNotWelcome": LinliError.PeerNotWelcome(reason: "")
        case "NotWelcome": LinliError.NotWelcome(reason: "")
        default: Otherwise("\(variant) can be provoked")
        }
    }

    private func provoke(_ variant: String, _ others: Others) async throws {
        let file = { (name: String) in others.place.appendingPathComponent(name) }
        switch variant {
        case "Refused": _ = try await mei.submitOrder(id: newCommandId(), command: .claim, on: order)
        case "NotAllowed":
            _ = try await mei.submitRecall(id: newCommandId(), command: .raise(product: product, scope: .all))
        case "NotAMember": _ = try await others.gu.submitOrder(id: newCommandId(), command: groceries(room: "1", note: "x"))
        case "AlreadyAMember": _ = try await wu.found(name: nil)
        case "NotFound": _ = try await wu.order(order: "00000000000000000000000000000000-0-00000000000000000000000000000000")
        case "ContactHidden": _ = try await mei.contact(order: orderFor(room: "301"))
        case "CommandIdReused":
            let (id, order) = (try newCommandId(), try await orderFor(room: "301"))
            for text in ["one", "other"] {
                _ = try await wu.submitOrder(id: id, command: .comment(text: text), on: order)
            }
        case "TooLarge":
            let items = "abcde".map { NewItem(name: String(repeating: $0, count: 8000)) }
            let order = NewOrder(building: "3", kind: "grocery", urgency: .normal, items: items, way: .app)
            _ = try await wu.submitOrder(id: newCommandId(), command: .post(order))
        case "InvalidInput": _ = try await wu.order(order: "x")
        case "HomeInUse": _ = try await Phone.open(home: wuHome, secrets: wuSecrets)
        case "ForeignHome":
            try FileManager.default.createDirectory(at: file("foreign"), withIntermediateDirectories: true)
            let text = String(repeating: "this is no database", count: 1000)
            try Data(text.utf8).write(to: file("foreign/linli.db"))
            _ = try await Phone.open(home: others.home("foreign"), secrets: MemorySecrets())
        case "SecretsUnavailable": _ = try await Phone.open(home: others.home("locked"), secrets: Locked())
        case "KeyLost":
            try await others.gu.close()
            _ = try await Phone.open(home: others.home("gu"), secrets: MemorySecrets())
        case "Storage":
            try Data().write(to: file("file"))
            _ = try await Phone.open(home: others.home("file/home"), secrets: MemorySecrets())
        case "File": _ = try await wu.exportBundle(to: file("nowhere/bundle"))
        case "NotABundle":
            try Data("no bundle".utf8).write(to: file("text"))
            _ = try await wu.importBundle(from: file("text"))
        case "OtherCommunity":
            _ = try await others.he.found(name: nil)
            _ = try await others.he.exportBundle(to: file("other"))
            _ = try await wu.importBundle(from: file("other"))
        case "WrongDigits":
            let inviting = try await wu.invite(offer: Offer(role: .volunteer), addresses: [])
            others.inviting = inviting
            _ = try await inviting.confirm(digits: "000000")
        case "InvitationOver":
            try await others.inviting?.cancel()
            _ = try await others.inviting?.confirm(digits: "000000")
        case "CannotListen": _ = try await wu.startNode(options: NodeOptions(listen: "192.0.2.1:9", nearby: false))
        case "Connection": try await wu.acceptPipe().receive(bytes: Data(repeating: 0xff, count: 64))
        case "Cancelled":
            let work = Work()
            try work.cancel()
            _ = try await wu.exportBundle(path: file("cancelled").path, content: .all, work: work)
        case "Suspended":
            try await others.he.suspend(within: .seconds(30))
            _ = try await board(others.he)
        case "Closed":
            try await others.he.close()
            _ = try await board(others.he)
        case "Broken":
            let gu = try await Phone.open(home: others.home("gu"), secrets: others.guSecrets)
            try? await gu.provokePanic()
            _ = try await board(gu)
        default: throw Otherwise("nobody here knows how to provoke \(variant)")
        }
    }

    private func orderFor(room: String) async throws -> String {
        guard let line = try await board(mei).first(where: { $0.card.room == room }) else {
            throw Otherwise("there is no order for room \(room)")
        }
        return line.order
    }
}
