import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Redaction
import WorkflowModel

/// `http-check`: requests a URL until enough answers in a row are good.
struct HTTPCheckStep: Step {
    static let signature = StepSignature(
        uses: "http-check",
        summary: "Requests a URL until its answers are good several times in a row, over a bake time.",
        inputs: [
            .init("url", isRequired: true, "URL to request"),
            .init("method", default: "GET", as: .methods, "GET, POST, PUT, PATCH or DELETE"),
            .init("status", default: "2xx", as: .statuses, "good statuses: 200, 2xx, or a list"),
            .init("body-contains", "text that the body must contain"),
            .init("json-pointer", "JSON pointer into the body, whose value must not be null"),
            .init("equals", "expected value at json-pointer"),
            .init("revision-id", "revision that must answer"),
            .init("revision-pointer", default: "/host/host_revision_id", "JSON pointer to the revision in the body"),
            .init("agent-key", default: false, as: .boolean, "send the key of the agent (SLIPWAY_AGENT_API_KEY)"),
            .init("passes", default: .number(1), as: .count(1...10_000), "how many good answers in a row"),
            .init("bake-time", default: "0s", as: .duration, "how long the good answers must last"),
            .init("interval", default: "5s", as: .duration, "pause between two requests"),
            .init("attempts", default: .number(10), as: .count(1...10_000), "how many bad answers fail the check"),
        ],
        outputs: [
            .init("result", "passed, failed or timeout"),
            .init("status", "the last HTTP status"),
            .init("requests", "number of requests"),
        ])

    private let address: WebAddress
    private let request: HTTPRequest
    private let rule: ResponseAssertion
    private let streak: PassStreak
    private let interval: Duration
    private let attempts: Int
    private let transport: any HTTPTransport

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        address = try inputs.url("url")
        request = try Self.request(inputs, address, key: services.agentKey)
        rule = try Self.rule(inputs)
        streak = PassStreak(
            wanted: try inputs.count("passes", in: 1...10_000), bakeTime: try inputs.duration("bake-time"))
        interval = max(try inputs.duration("interval"), .milliseconds(100))
        attempts = try inputs.count("attempts", in: 1...10_000)
        transport = services.agentTransport
    }

    func run(in context: StepContext) async throws {
        var streak = streak
        var failures = 0
        for number in 1... {
            context.output("requests", .number(Double(number)))
            if let problem = try await problem(context) {
                if context.isOver { throw timedOut(problem, context) }
                failures += 1
                streak.fail()
                context.note("\(request.method.rawValue) \(address): \(problem)", level: .debug)
                guard failures < attempts else { throw failed(problem, context) }
                try await pause(problem, context)
            } else if streak.pass(at: context.clock.now) {
                context.output("result", "passed")
                return context.note("\(request.method.rawValue) \(address): good, \(streak.count) in a row")
            } else {
                try await pause("the answers are good, but not for long enough yet", context)
            }
        }
    }

    private func problem(_ context: StepContext) async throws -> String? {
        var request = request
        request.deadline = context.deadline
        do {
            let response = try await transport.send(request)
            context.output("status", .number(Double(response.status)))
            return rule.problem(with: response)
        } catch let error as TransportError {
            return error.message
        }
    }

    /// Throws when the time would be over before the next request.
    private func pause(_ problem: String, _ context: StepContext) async throws {
        let next = context.clock.now.advanced(by: interval)
        if let deadline = context.deadline, next >= deadline {
            throw timedOut(problem, context)
        }
        try await context.clock.sleep(until: next)
    }

    /// The deadline is no verdict: the next answer might have been good.
    private func timedOut(_ problem: String, _ context: StepContext) -> StepFailure {
        context.output("result", "timeout")
        return StepFailure(
            .timedOut, code: "HTTPCheckTimeout", "\(request.method.rawValue) \(address) timed out: \(problem)",
            hint: "allow more time with timeout, or check what it answers")
    }

    private func failed(_ problem: String, _ context: StepContext) -> StepFailure {
        context.output("result", "failed")
        return StepFailure(
            .failed, code: "HTTPCheckFailed", "\(request.method.rawValue) \(address) failed: \(problem)",
            hint: "check what it answers, or allow more with attempts, interval and timeout")
    }
}

extension HTTPCheckStep {
    private static func request(
        _ inputs: StepInputs, _ address: WebAddress, key: SecretValue?
    ) throws -> HTTPRequest {
        let name = inputs.string("method") ?? ""
        guard let method = HTTPRequest.Method(rawValue: name) else {
            throw inputs.invalid("method", name, "GET, POST, PUT, PATCH or DELETE")
        }
        var request = HTTPRequest(method, address.text)
        if inputs.flag("agent-key"), let key { request.headers = [HTTPHeader("X-Api-Key", key.reveal())] }
        return request
    }

    private static func rule(_ inputs: StepInputs) throws -> ResponseAssertion {
        let statuses = try inputs.strings("status").map { text in
            guard let pattern = StatusPattern(text) else {
                throw inputs.invalid("status", text, "a status such as 200 or 2xx")
            }
            return pattern
        }
        var rule = ResponseAssertion(statuses: statuses, bodyPart: inputs.string("body-contains"))
        let expected = inputs.string("equals")
        if let pointer = try inputs.pointer("json-pointer") {
            rule.members.append(ResponseAssertion.Member(pointer: pointer, expected: expected))
        } else if let expected {
            throw inputs.invalid("equals", expected, "it together with json-pointer")
        }
        if let revision = inputs.string("revision-id"), let pointer = try inputs.pointer("revision-pointer") {
            rule.members.append(ResponseAssertion.Member(pointer: pointer, expected: revision))
        }
        return rule
    }
}

extension InputForm {
    fileprivate static let methods = choice(["GET", "POST", "PUT", "PATCH", "DELETE"])
    fileprivate static let statuses = InputForm("a status such as 200 or 2xx") { text in
        text.split(whereSeparator: \.isNewline).allSatisfy { StatusPattern(String($0)) != nil }
    }
}

/// Counts the checks that passed in a row, and for how long.
struct PassStreak {
    /// How many are enough, at least one.
    let wanted: Int
    /// How long a row has to last, from its first pass.
    let bakeTime: Duration
    private(set) var count = 0
    private var start: MonotonicInstant?

    init(wanted: Int, bakeTime: Duration) {
        self.wanted = wanted
        self.bakeTime = bakeTime
    }

    /// Whether the row is long enough now.
    mutating func pass(at now: MonotonicInstant) -> Bool {
        let start = start ?? now
        self.start = start
        count += 1
        return count >= wanted && start.duration(to: now) >= bakeTime
    }

    mutating func fail() {
        count = 0
        start = nil
    }
}
