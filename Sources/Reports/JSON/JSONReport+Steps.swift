import Clocks
import Engine
import FoundationEssentials
import WorkflowModel

extension JSONReport {
    struct Step: Encodable {
        struct Failure: Encodable {
            let code: String
            let message: String
            @Nullable var hint: String?

            init(_ failure: StepFailure) {
                code = failure.code
                message = failure.message
                hint = failure.hint
            }
        }

        let job: String
        let id: String
        let name: String
        @Nullable var uses: String?
        @Nullable var result: Outcome?
        @Nullable var startedAt: String?
        let durationMilliseconds: Int
        let attempts: Int
        let outputs: [String: Value]
        @Nullable var error: Failure?

        init(_ step: StepSummary) {
            job = step.job
            id = step.id
            name = step.name
            uses = step.uses
            result = step.result
            startedAt = step.startedAt.map(EventTimestamp.text)
            durationMilliseconds = step.duration.milliseconds
            attempts = step.attempts.count
            outputs = step.outputs
            error = step.failure.map(Failure.init)
        }

        private enum CodingKeys: String, CodingKey {
            case job, id, name, uses, result, attempts, outputs, error
            case startedAt = "started_at"
            case durationMilliseconds = "duration_ms"
        }
    }

    /// The failure that the verdict comes down to.
    struct Failure: Encodable {
        let job: String
        @Nullable var step: String?
        let code: String
        let message: String
        @Nullable var hint: String?
        let details: [String]

        init(_ primary: PrimaryFailure) {
            job = primary.job
            step = primary.step?.id
            code = primary.failure.code
            message = primary.failure.message
            hint = primary.failure.hint
            details = primary.failure.details
        }
    }

    struct Requests: Encodable {
        let total: Int
        let retries: Int
        let byEndpoint: [String: Int]

        init(_ requests: RequestsCounted?) {
            total = requests?.total ?? 0
            retries = requests?.retries ?? 0
            byEndpoint = requests?.byEndpoint ?? [:]
        }

        private enum CodingKeys: String, CodingKey {
            case total, retries
            case byEndpoint = "by_endpoint"
        }
    }
}
