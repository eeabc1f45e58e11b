// A phone in a terminal, for phones in other languages to meet. What it understands stands in `ffi/story/README.md`. Every
// answer is one JSON object on a line of its own.

import Foundation
import Linli
import Story

/// How long anything but serving may take.
let patience = Duration.seconds(60)

func say(_ answer: [String: Any?]) throws {
    print(try json(answer))
    fflush(nil)
}

func open(_ home: String) async throws -> Phone {
    try await Phone.open(home: home, secrets: FileSecrets(directory: home + ".secrets"))
}

/// Dials, and waits until whoever is there is in step.
func meet(_ phone: Phone, at addresses: [String], expecting peer: Peer) async throws {
    let node = try await phone.startNode(options: NodeOptions(listen: nil, nearby: false))
    _ = try node.dial(addresses: addresses, peer: peer)
    try await within(patience) {
        _ = try await node.connections.first { $0.peers.contains { $0.inStep && $0.dialled } }
    }
    try await node.stop()
    try say(["synced": true])
}

func join(_ phone: Phone, by invitation: String) async throws {
    let joining = try await phone.ask(invitation: invitation)
    let asking = try await joining.startNode(addresses: [])
    try await within(patience) {
        for try await state in joining.states {
            switch state {
            case .reaching: continue
            case .comparing(let digits): try say(["digits": digits])
            case .failed(let code, let reason): throw Otherwise("\(code): \(reason)")
            case .joined(let community): return try say(["joined": community])
            }
        }
    }
    try await asking.stop()
    try await meet(phone, at: readInvitation(text: invitation).addresses, expecting: joining.peer())
}

func post(_ phone: Phone, _ count: Int, in building: String) async throws {
    for nth in 0..<count {
        let order = NewOrder(
            building: building, room: "\(101 + nth)", kind: "grocery", urgency: .normal,
            items: [NewItem(name: "rice", qty: "1", unit: "bag")], way: .app)
        _ = try await phone.submitOrder(id: newCommandId(), command: .post(order))
    }
    try say(["posted": count])
}

func claim(_ phone: Phone, in building: String) async throws {
    let free = try await board(phone).filter { $0.card.building == building && $0.card.holder == nil }
    for line in free {
        _ = try await phone.submitOrder(id: newCommandId(), command: .claim, on: line.order)
    }
    try say(["claimed": free.count])
}

func serve(_ phone: Phone, at address: String) async throws {
    let node = try await phone.startNode(options: NodeOptions(listen: address, nearby: false))
    try say(["listening": "127.0.0.1:\(node.port())"])
    await Task.detached { _ = readLine() }.value
    try await node.stop()
    try say(["closed": true])
}

func run(_ words: [String]) async throws {
    guard words.count >= 2 else { throw Otherwise("usage: phone COMMAND HOME …, see ffi/story/README.md") }
    let phone = try await open(words[1])
    switch (words[0], Array(words.dropFirst(2))) {
    case ("join", let given) where given.count == 1: try await join(phone, by: given[0])
    case ("post", let given) where given.count == 2:
        guard let count = Int(given[0]) else { throw Otherwise("\(given[0]) is no number") }
        try await post(phone, count, in: given[1])
    case ("claim", let given) where given.count == 1: try await claim(phone, in: given[0])
    case ("sync", let given) where given.count == 1: try await meet(phone, at: given, expecting: .member)
    case ("serve", let given) where given.count == 1: try await serve(phone, at: given[0])
    case ("hash", []): try say(["hash": await phone.stateHash(), "orders": await board(phone).count])
    default: throw Otherwise("this phone does not understand: \(words.joined(separator: " "))")
    }
    try await phone.close()
}

do {
    try await run(Array(CommandLine.arguments.dropFirst()))
} catch {
    try say(["error": "\(error)"])
    exit(1)
}
