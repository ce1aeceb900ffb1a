/// The keys of the JSON report that these tests look at, as docs/reports.md promises them.
struct Report: Decodable {
    struct Commit: Decodable {
        var sha: String?
    }

    struct Deployment: Decodable {
        var id: String?
        var name: String?
        var url: String?
        var created: Bool?
    }

    struct Revision: Decodable {
        var id: String?
        var status: String?
        var commitSha: String?
    }

    struct Rollback: Decodable {
        var attempted: Bool
        var toRevisionId: String?
        var revisionId: String?
        var result: String?
    }

    struct Step: Decodable {
        var job: String
        var id: String
        var result: String
    }

    struct Requests: Decodable {
        var total: Int
        var byEndpoint: [String: Int]
    }

    var result: String
    var exitCode: Int32
    var commit: Commit?
    var deployment: Deployment?
    var revision: Revision?
    var previousRevisionId: String?
    var liveRevisionId: String?
    var rollback: Rollback?
    var steps: [Step]
    var requests: Requests
}
