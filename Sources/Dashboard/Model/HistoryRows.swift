/// What `slipway history --output json` prints.
struct HistoryDocument: Decodable, Sendable, Equatable {
    var entries: [HistoryRow]
}

/// One change; keys that an older slipway lacks are nil.
struct HistoryRow: Decodable, Sendable, Equatable {
    struct Deployment: Decodable, Sendable, Equatable {
        var id: String
        var name: String
    }

    struct Revision: Decodable, Sendable, Equatable {
        var id: String
        var status: String?
        var listed: Bool?
    }

    struct Commit: Decodable, Sendable, Equatable {
        var sha: String
        var subject: String?
        var author: String?
    }

    struct Rollback: Decodable, Sendable, Equatable {
        var fromRevisionId: String?
        var toRevisionId: String?
    }

    struct Record: Decodable, Sendable, Equatable {
        struct Actor: Decodable, Sendable, Equatable {
            var user: String?
            var host: String?
            var ci: String?
            var ciActor: String?
            var runUrl: String?
            var environment: String?
        }

        struct Version: Decodable, Sendable, Equatable {
            var revisionId: String?
            var commitSha: String?
            var image: String?
        }

        struct Cause: Decodable, Sendable, Equatable {
            var code: String?
            var message: String?
        }

        var runId: String?
        var kind: String?
        var startedAt: String?
        var actor: Actor?
        var before: Version?
        var after: Version?
        var verdict: String?
        var cause: Cause?
        var reason: String?
    }

    var deployment: Deployment
    var change: String
    var live: Bool
    var liveFrom: String?
    var liveTo: String?
    var createdAt: String?
    var revision: Revision?
    var commit: Commit?
    var image: String?
    var rollback: Rollback?
    /// How far the run of the record is: `finished`, `running`, `unfinished` or `unknown`.
    var runState: String?
    var record: Record?

    /// Whether a rollback can name its revision: it was live and is not now.
    var canBeBroughtBack: Bool { !live && revision?.status == "DEPLOYED" && revision?.listed != false }
}
