// Every error of the engine, as the app takes it. The compiler says when one is new here, a test when one has no words.

import Linli

extension Failure {
    /// Every error but refusals, which bring codes of their own.
    public enum Kind: String, CaseIterable, Sendable {
        case notAllowed, notAMember, withdrawn, alreadyAMember, notFound, contactHidden, careHidden, commandIdReused, tooLarge
        case noRoom
        case invalidInput, homeInUse, diskFull, damaged, databaseLost, newerHome, foreignHome, secretsUnavailable, keyLost, storage
        case `internal`
        case file, notABundle, newerVersion, otherCommunity, wrongDigits, invitationOver, notHeard, cannotListen, peerNotWelcome
        case notWelcome, connection, cancelled, suspended, closed, broken

        /// The key of its sentence: `error.disk_full`.
        public var key: String { "error.\(snake(rawValue))" }
    }

    init(linli error: LinliError) {
        switch error {
        case .Refused(let by, let code, let params, let warning, let reason):
            let key = by == "address" ? "address.\(code)" : "refusal.\(by).\(code)"
            self.init(key: key, params: Param.read(params), advice: warning ? .insist : .tell, reason: reason)
        case .NotAllowed(_, let needs): self.init(.notAllowed, needs: needs)
        case .NotAMember: self.init(.notAMember, advice: .join)
        case .Withdrawn: self.init(.withdrawn, advice: .startOver)
        case .AlreadyAMember: self.init(.alreadyAMember)
        case .NotFound(let kind, _): self.init(.notFound, ["kind": .text(kind)])
        case .ContactHidden(let needs): self.init(.contactHidden, needs: needs)
        case .CareHidden(let needs): self.init(.careHidden, needs: needs)
        case .CommandIdReused: self.init(.commandIdReused)
        case .TooLarge: self.init(.tooLarge)
        case .NoRoom: self.init(.noRoom)
        case .InvalidInput(let field, _): self.init(.invalidInput, ["field": .text(field)])
        case .HomeInUse: self.init(.homeInUse, advice: .retry)
        case .DiskFull: self.init(.diskFull, advice: .makeRoom)
        case .Damaged: self.init(.damaged, advice: .repair)
        case .DatabaseLost: self.init(.databaseLost, advice: .repair)
        case .NewerHome: self.init(.newerHome, advice: .update)
        case .ForeignHome: self.init(.foreignHome, advice: .startOver)
        case .SecretsUnavailable: self.init(.secretsUnavailable, advice: .retry)
        case .KeyLost: self.init(.keyLost, advice: .repair)
        case .Storage: self.init(.storage, advice: .retry)
        case .Internal: self.init(.internal)
        case .File: self.init(.file)
        case .NotABundle: self.init(.notABundle)
        case .NewerVersion: self.init(.newerVersion, advice: .update)
        case .OtherCommunity: self.init(.otherCommunity)
        case .WrongDigits: self.init(.wrongDigits)
        case .InvitationOver(let code):
            let key = "error.invitation_\(code)"
            self.init(key: Words.has(key) ? key : Kind.invitationOver.key)
        case .NotHeard: self.init(.notHeard)
        case .CannotListen(let address, _): self.init(.cannotListen, ["address": .text(address)])
        case .PeerNotWelcome: self.init(.peerNotWelcome)
        case .NotWelcome: self.init(.notWelcome)
        case .Connection: self.init(.connection, advice: .retry)
        case .Cancelled: self.init(.cancelled, advice: .ignore)
        case .Suspended: self.init(.suspended, advice: .ignore)
        case .Closed: self.init(.closed, advice: .ignore)
        case .Broken: self.init(.broken, advice: .reopen)
        }
    }

    init(_ kind: Kind, _ params: [String: Param] = [:], advice: Advice = .tell) {
        self.init(key: kind.key, params: params, advice: advice)
    }

    private init(_ kind: Kind, needs: [String]) {
        self.init(kind, ["needs": .list(needs.map(Param.text))])
    }
}
