import Clocks
package import ControlPlane
package import ControlPlaneTypes
import Engine
import FoundationEssentials

/// Looks for the revision that a change made although its answer was lost (docs/failures.md, rows 9 and 10).
struct RevisionSearch: Sendable {
    static let listed = 20
    /// How long a control plane may take to list what it has just made.
    static let listingPatience: Duration = .seconds(30)
    static let listingPause: Duration = .seconds(1)

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID

    /// The newest ones, newest first.
    func list() async throws -> [Revision] {
        try await context.confirmingRefusals(of: client) {
            try await client.listRevisions(of: deployment, limit: Self.listed).resources
        }
    }

    /// Reads until `find` has found the revision, or the patience ends; of several that may be it, then the one that the
    /// response named, else the oldest.
    func wait(
        answered: RevisionID?, until find: ([Revision]) -> RevisionMatcher.Finding
    ) async throws -> RevisionMatcher.Finding {
        let patience = context.clock.now.advanced(by: Self.listingPatience)
        while true {
            let finding = find(try await list())
            if case .found = finding { return finding }
            guard context.clock.now < patience else {
                guard case .undecided(let candidates) = finding else { return finding }
                let named = candidates.first { $0 == answered }
                return (named ?? candidates.last).map { .found($0) } ?? finding
            }
            try await context.clock.sleep(for: Self.listingPause)
        }
    }

    /// Nil when the change left no trace and may be sent once more. `restarted` is a revision that the change may have
    /// started again instead of making a new one.
    ///
    /// Throws `error` when nothing was seen of the second one either.
    func find(
        _ own: RevisionMatcher, restarted: RevisionID? = nil, _ reconciliation: inout Reconciliation,
        after error: ControlPlaneError
    ) async throws -> RevisionID? {
        reconciliation.lost(error)
        while true {
            let listed = try await reading(after: error) { try await list() }
            if let restarted, listed.contains(where: { $0.id == restarted && $0.status.isInProgress }) {
                return restarted
            }
            let finding = own.find(in: listed, isRepeated: reconciliation.hasResent)
            switch finding {
            case .found(let id): return id
            case .undecided(let candidates):
                let revisions = try await reading(after: error) { try await read(candidates) }
                if case .found(let id) = own.find(in: revisions, isRepeated: reconciliation.hasResent) { return id }
                try checkDeadline(error)
            case .notThere, .onlyOthers, .otherCommit:
                switch reconciliation.decide(found: false) {
                case .adopt, .lookAgain: break
                case .resend:
                    if case .otherCommit(let id, let commit) = finding { throw refMoved(id, commit) }
                    return nil
                case .giveUp: throw error
                }
            }
            try await context.clock.sleep(for: Reconciliation.pause)
        }
    }

    /// A plane may tell the commit of a revision before its list does.
    private func read(_ candidates: [RevisionID]) async throws -> [Revision] {
        var revisions: [Revision] = []
        for candidate in candidates {
            revisions.append(
                try await context.confirmingRefusals(of: client) {
                    try await client.revision(candidate, of: deployment)
                })
        }
        return revisions
    }

    private func refMoved(_ id: RevisionID, _ commit: String) -> StepFailure {
        StepFailure(
            .superseded, code: "RefMoved",
            "the response was lost, and revision \(id), created in the meantime, is built from commit "
                + "\(commit.prefix(12)) of the same branch",
            hint: "run slipway status to see what is in progress, then deploy again")
    }

    private func checkDeadline(_ error: ControlPlaneError) throws {
        if let deadline = context.deadline, context.clock.now >= deadline { throw error }
    }
}

/// What to do after a change whose answer was lost: look, adopt what it made, or send it once more
/// (docs/failures.md, rows 8 to 10).
package struct Reconciliation: Sendable {
    /// Clean reads without a trace of the change before it may be sent again.
    package static let cleanReads = 3
    /// The same when the request may still be under way, because the connection was lost or a gateway gave up: 30 s.
    package static let cleanReadsAfterTimeout = 7
    /// How long two revisions of a repeated request may be apart, in seconds.
    static let longestUnderWay: Double = 30
    /// Between those reads, so that they span 10 s.
    package static let pause: Duration = .seconds(5)

    package enum Decision: Sendable, Equatable {
        case adopt
        case lookAgain
        case resend
        case giveUp
    }

    private var needed = cleanReads
    private var reads = 0
    private var resends = 0

    package init() {}

    /// Sets how long to look for the trace of a change.
    package mutating func lost(_ error: ControlPlaneError) {
        // Without a status the connection was lost, and nobody knows what became of the request behind it. What was
        // answered with success may have been made, and lists may lag.
        let isTimeout = error.status.map { 200..<300 ~= $0 || [408, 502, 504, 524].contains($0) } ?? true
        needed = isTimeout ? Self.cleanReadsAfterTimeout : Self.cleanReads
    }

    package var hasResent: Bool { resends > 0 }

    /// Takes in one more clean read.
    package mutating func decide(found: Bool) -> Decision {
        if found { return .adopt }
        reads += 1
        if reads < needed { return .lookAgain }
        if resends == 0 { return .resend }
        return .giveUp
    }

    /// The change was sent again: count the reads anew.
    package mutating func resent() {
        resends += 1
        reads = 0
    }
}

/// Which of the revisions that came after a change was sent is the one it made: a pure decision.
package struct RevisionMatcher: Sendable {
    package enum Finding: Sendable, Equatable {
        case found(RevisionID)
        /// No revision can be ours (yet).
        case notThere
        /// These may be ours; what they are built from will tell.
        case undecided([RevisionID])
        /// A revision of the same ref was made in the meantime, from another commit: ours or not, the ref has moved.
        case otherCommit(RevisionID, String)
        /// Newer revisions are there, but of something else.
        case onlyOthers([RevisionID])
    }

    /// What our change asked for.
    package struct Request: Sendable {
        package var sha: String
        package var repoRef: String?
        package var configPath: String?
        package var tarballPath: String?
        package var image: ImageReference?

        package init(
            sha: String, repoRef: String?, configPath: String?, tarballPath: String?, image: ImageReference? = nil
        ) {
            self.sha = sha
            self.repoRef = repoRef
            self.configPath = configPath
            self.tarballPath = tarballPath
            self.image = image
        }
    }

    private let request: Request
    private let before: Set<RevisionID>

    /// `before` are the revisions that were there before the change was sent.
    package init(_ request: Request, before: Set<RevisionID>) {
        self.request = request
        self.before = before
    }

    /// `listed` are the revisions now, newest first; `answered` is the newest one as the change's own answer named it.
    /// `isRepeated`: the change was sent more than once.
    package func find(in listed: [Revision], answered: RevisionID? = nil, isRepeated: Bool = false) -> Finding {
        let new = listed.filter { !before.contains($0.id) }
        let candidates = new.filter(couldBeOurs)
        let certain = candidates.filter(isCertainlyOurs)
        if let ours = certain.first(where: { $0.id == answered }) ?? (isRepeated ? newestTwin(certain) : certain.last) {
            return .found(ours.id)
        }
        if let answered, !before.contains(answered) {
            // With several, what they are built from tells: the response may name somebody else's.
            if candidates.map(\.id) == [answered] { return .found(answered) }
            // Lists may lag behind the answer.
            if !listed.contains(where: { $0.id == answered }) { return .notThere }
        }
        let open = candidates.filter(\.status.isInProgress)
        if !open.isEmpty { return .undecided(open.map(\.id)) }
        if let oldest = candidates.last { return .found(oldest.id) }
        for moved in new where isOfSameRef(moved) {
            if let commit = moved.commitSHA { return .otherCommit(moved.id, commit) }
        }
        return new.isEmpty ? .notThere : .onlyOthers(new.map(\.id))
    }

    /// Of those that one repeated request may have made, the newest: it is what stays live. What was made later is
    /// somebody else's, though it is the same.
    private func newestTwin(_ certain: [Revision]) -> Revision? {
        let start = certain.last?.createdAt?.date
        return certain.first { revision in
            guard let start, let date = revision.createdAt?.date else { return true }
            return date.timeIntervalSince(start) <= Reconciliation.longestUnderWay
        }
    }

    private func couldBeOurs(_ revision: Revision) -> Bool {
        let made = revision.sourceRevisionConfig
        if let tarball = request.tarballPath { return made?.sourceTarballPath == tarball }
        if let image = request.image { return revision.image.map(image.isSame) ?? true }
        if let commit = revision.commitSHA { return CommitName.isSame(commit, request.sha) }
        return isOfSameRef(revision)
    }

    private func isOfSameRef(_ revision: Revision) -> Bool {
        guard request.tarballPath == nil, request.image == nil else { return false }
        let made = revision.sourceRevisionConfig
        return isSame(made?.repoRef, request.repoRef) && isSame(made?.configPath, request.configPath)
    }

    private func isCertainlyOurs(_ revision: Revision) -> Bool {
        if let image = request.image { return revision.image.map(image.isSame) ?? false }
        return request.tarballPath != nil || revision.commitSHA.map { CommitName.isSame($0, request.sha) } == true
    }

    /// A plane that does not say yet contradicts nothing.
    private func isSame(_ made: String?, _ wanted: String?) -> Bool {
        made == nil || wanted == nil || made == wanted
    }
}
