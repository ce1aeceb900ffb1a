/// The keys of the JSON report that these tests look at, as docs/reports.md promises them.
struct Report: Decodable {
    struct Commit: Decodable {
        var sha: String?
    }

    struct Deployment: Decodable {
        var id: String?
        var url: String?
        var created: Bool?
    }

    struct Revision: Decodable {
        var id: String?
        var status: String?
        var commit_sha: String?
    }

    struct Rollback: Decodable {
        var attempted: Bool
        var to_revision_id: String?
        var revision_id: String?
        var result: String?
    }

    struct Requests: Decodable {
        var total: Int
        var by_endpoint: [String: Int]
    }

    var result: String
    var exit_code: Int32
    var commit: Commit?
    var deployment: Deployment?
    var revision: Revision?
    var previous_revision_id: String?
    var live_revision_id: String?
    var rollback: Rollback?
    var requests: Requests
}
