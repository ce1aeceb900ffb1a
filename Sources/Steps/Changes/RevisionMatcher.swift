package import ControlPlaneTypes
import FoundationEssentials

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
