import ControlPlaneTypes
import FoundationEssentials
import Git
import Steps

/// A revision as `slipway status`, `status --all` and `rollback --candidates` print it.
struct RevisionJSON: Encodable, Sendable {
    let id: String
    var status: String?
    var commitSHA: String?
    var image: String?
    var createdAt: String?
    /// Of the live revision.
    var liveSince: String?
    /// Known inside a clone of the repository.
    var subject: String?
    var author: String?
    var rollbackOf: String?
    /// Whether keys without a value are left out; otherwise they are `null`.
    var omitsUnknown = false

    private enum CodingKeys: String, CodingKey {
        case id, status, commitSHA, image, createdAt, liveSince, subject, author, rollbackOf
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        let values: [(CodingKeys, String?)] = [
            (.status, status), (.commitSHA, commitSHA), (.image, image), (.createdAt, createdAt),
            (.liveSince, liveSince), (.subject, subject), (.author, author), (.rollbackOf, rollbackOf),
        ]
        for (key, value) in values where value != nil || !omitsUnknown { try container.encode(value, forKey: key) }
    }
}

extension RevisionJSON {
    init(
        _ revision: Revision, in snapshot: DeploymentSnapshot, _ text: RevisionText, uploads: UploadIndex.Entries
    ) {
        id = revision.id.rawValue
        status = revision.status.rawValue
        commitSHA = revision.builtCommit(uploads: uploads)
        image = revision.source == .externalDocker ? revision.image?.text : nil
        createdAt = revision.createdAt?.text
        liveSince = revision.id == snapshot.active?.id ? revision.liveSince?.text : nil
        let commit = commitSHA.flatMap { text.commits[$0] }
        (subject, author) = (commit?.subject, commit?.authorName)
        rollbackOf = snapshot.rollback(revision)?.undone.rawValue
    }
}
