package import ControlPlaneTypes
package import Engine
package import FoundationEssentials
package import Reports

/// What one run changed in one deployment: when, by whom, from what to what, and how it ended.
///
/// It is shared as one line of JSON. Keys that this version does not know are ignored, and lines are merged as text, so
/// that no version loses what another one wrote.
package struct ChangeRecord: Codable, Sendable, Equatable {
    package static let formatVersion = 1

    package struct Kind: RawRepresentable, Codable, Sendable, Equatable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        package static let deploy = Kind(rawValue: "deploy")
        /// A rollback by hand; a failed deploy that was rolled back is a deploy with a `rollback`.
        package static let rollback = Kind(rawValue: "rollback")
        package static let interruption = Kind(rawValue: "interruption")
        package static let deletion = Kind(rawValue: "deletion")
    }

    package struct Deployment: Codable, Sendable, Equatable {
        package var id: String
        package var name: String?

        package init(id: String, name: String?) { (self.id, self.name) = (id, name) }
    }

    /// What was live.
    package struct Version: Codable, Sendable, Equatable {
        package var revisionID: String?
        package var commitSHA: String?
        package var image: String?

        package init(revisionID: String? = nil, commitSHA: String? = nil, image: String? = nil) {
            (self.revisionID, self.commitSHA, self.image) = (revisionID, commitSHA, image)
        }

        private enum CodingKeys: String, CodingKey {
            case image
            case revisionID = "revision_id"
            case commitSHA = "commit_sha"
        }
    }

    /// A revision that the run created or followed, or interrupted.
    package struct Revision: Codable, Sendable, Equatable {
        package var id: String
        /// `ours` or `rollback`, as in the journal, or `interrupted`.
        package var role: String
        /// As last seen.
        package var status: String?
        package var commitSHA: String?
        /// When the run first saw it deployed.
        package var deployedAt: Timestamp?

        package init(
            id: String, role: String, status: String? = nil, commitSHA: String? = nil, deployedAt: Timestamp? = nil
        ) {
            (self.id, self.role, self.status) = (id, role, status)
            (self.commitSHA, self.deployedAt) = (commitSHA, deployedAt)
        }

        private enum CodingKeys: String, CodingKey {
            case id, role, status
            case commitSHA = "commit_sha"
            case deployedAt = "deployed_at"
        }
    }

    package struct Rollback: Codable, Sendable, Equatable {
        package var toRevisionID: String?
        /// The revision that it created; that of `toRevisionID` if it created none.
        package var revisionID: String?
        package var result: String?

        package init(toRevisionID: String? = nil, revisionID: String? = nil, result: String? = nil) {
            (self.toRevisionID, self.revisionID, self.result) = (toRevisionID, revisionID, result)
        }

        private enum CodingKeys: String, CodingKey {
            case result
            case toRevisionID = "to_revision_id"
            case revisionID = "revision_id"
        }
    }

    /// The failure that decided the verdict.
    package struct Cause: Codable, Sendable, Equatable {
        package var code: String
        package var message: String

        package init(code: String, message: String) { (self.code, self.message) = (code, message) }
    }

    package var version = Self.formatVersion
    package var runID: String
    package var kind: Kind?
    package var workflow: String?
    package var startedAt: Timestamp?
    /// Nil for a run that did not finish.
    package var finishedAt: Timestamp?
    package var actor: RunOrigin.Actor?
    package var deployment: Deployment
    /// The commit that the run deployed, or brought back: the record is a note on it.
    package var commitSHA: String?
    package var before: Version?
    package var after: Version?
    /// In the order they were first seen.
    package var revisions: [Revision]?
    /// Nil if none was attempted.
    package var rollback: Rollback?
    /// As in the JSON report; nil for a run that did not finish.
    package var verdict: String?
    package var cause: Cause?
    package var reason: String?
    package var tool: String?
    /// Whether a process on this machine writes the journal that it was read from; nil for a shared one. Not in its line.
    package var isBeingWritten: Bool?

    package init(runID: String, kind: Kind, deployment: Deployment) {
        (self.runID, self.kind, self.deployment) = (runID, kind, deployment)
    }

    private enum CodingKeys: String, CodingKey {
        case workflow, actor, deployment, before, after, revisions, rollback, verdict, cause, reason, tool
        case version = "v"
        case runID = "run_id"
        case commitSHA = "commit_sha"
        case kind = "change"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }
}

extension ChangeRecord {
    /// Records with the same identity are about the same change: a resumed run says more than before.
    package struct Identity: Hashable, Sendable {
        var runID: String
        var deploymentID: String
    }

    package var identity: Identity { Identity(runID: runID, deploymentID: deployment.id) }

    /// Longer lines are not records (bytes).
    static let largestLine = 1 << 16

    /// One line of JSON, without its end. Throws `EncodingError`.
    package func line() throws -> String { try StableJSON.line(self) }

    /// Nil for text that is not a record.
    package init?(line: some StringProtocol) {
        guard line.utf8.count <= Self.largestLine, line.first == "{",
            let record = try? JSONDecoder().decode(Self.self, from: Data(line.utf8)), !record.runID.isEmpty
        else { return nil }
        self = record
    }

    /// The records in the lines of a note; other lines are skipped.
    package static func all(in text: String) -> [ChangeRecord] {
        // Of bytes: a reason may have other characters that end a line.
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { ChangeRecord(line: Substring($0)) }
    }
}

extension ChangeRecord {
    /// Jobs of CI systems end before that.
    private static let longestRun = 24.0 * 3600

    package func progress(now: Date) -> RunProgress {
        if verdict != nil { return .finished }
        if let isBeingWritten { return isBeingWritten ? .running : .unfinished }
        guard let began = startedAt?.date, now.timeIntervalSince(began) > Self.longestRun else { return .unknown }
        return .unfinished
    }
}
