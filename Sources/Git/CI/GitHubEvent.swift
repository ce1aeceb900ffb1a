/// The parts of a webhook event that say which commit a run is about.
struct GitHubEvent: Decodable, Equatable {
    struct Repository: Decodable, Equatable {
        let fullName: String

        private enum CodingKeys: String, CodingKey {
            case fullName = "full_name"
        }
    }

    struct Side: Decodable, Equatable {
        let sha: String
        let ref: String
        /// `null` once the fork was deleted.
        let repo: Repository?
    }

    struct Base: Decodable, Equatable {
        let repo: Repository?
    }

    struct PullRequest: Decodable, Equatable {
        let number: Int
        let head: Side
        let base: Base

        var isFromFork: Bool { head.repo?.fullName != base.repo?.fullName || head.repo == nil }
    }

    struct WorkflowRun: Decodable, Equatable {
        let headSHA: String
        let headBranch: String?
        let headRepository: Repository?

        private enum CodingKeys: String, CodingKey {
            case headSHA = "head_sha"
            case headBranch = "head_branch"
            case headRepository = "head_repository"
        }
    }

    let action: String?
    let pullRequest: PullRequest?
    let workflowRun: WorkflowRun?
    let repository: Repository?

    private enum CodingKeys: String, CodingKey {
        case pullRequest = "pull_request"
        case workflowRun = "workflow_run"
        case repository, action
    }
}
