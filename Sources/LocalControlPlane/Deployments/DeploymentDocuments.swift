import ControlPlaneTypes
import NIOConcurrencyHelpers

/// Deployments as JSON, so that a list renders only what has changed since the last one.
///
/// Nothing here is ever told of a change: who asks names the version that the store has now.
final class DeploymentDocuments: Sendable {
    private struct Document {
        let version: Int64
        let json: [UInt8]
    }

    private struct Kept {
        var documents: [DeploymentID: Document] = [:]
        /// Bytes of all documents.
        var size = 0
    }

    private let limit: Int
    private let kept = NIOLockedValueBox(Kept())

    /// - Parameter limit: how many bytes of documents are kept.
    init(limit: Int = 8 * 1024 * 1024) {
        self.limit = limit
    }

    func document(of version: DeploymentVersion) -> [UInt8]? {
        kept.withLockedValue { kept in
            guard let document = kept.documents[version.id], document.version == version.number else { return nil }
            return document.json
        }
    }

    func keep(_ json: [UInt8], of version: DeploymentVersion) {
        kept.withLockedValue { kept in
            let new = Document(version: version.number, json: json)
            let old = kept.documents.updateValue(new, forKey: version.id)
            kept.size += json.count - (old?.json.count ?? 0)
            // Rare, and then what is listed often is soon back.
            if kept.size > limit { kept = Kept() }
        }
    }
}
