package import Clocks
import ControlPlaneTypes
package import FoundationEssentials
package import JSON
package import Redaction

/// A client of the control plane's API, with a method for each endpoint.
///
/// Methods throw `ControlPlaneError`, and `CancellationError` if the task is cancelled.
package struct ControlPlaneClient: Sendable {
    package let address: ControlPlaneAddress
    let credentials: Credentials
    let key: APIKey
    let serverTime = ServerTime()
    let transport: any HTTPTransport
    let clock: any RunClock
    let jitter: @Sendable () -> Double
    /// How long a call waits for the first byte of its response.
    let timeouts: RequestTimeouts
    /// Whether this control plane has given a good response yet.
    let contact = Contact()
    /// What limits the requests of the run.
    package let budgets: RequestBudgets
    package let budget: RequestBudget
    private var allowance: RequestAllowance?
    private(set) var deadline: MonotonicInstant?
    private(set) var retries = HTTPRequest.Retries.all

    /// `transport` should retry; `budgets` are shared by the clients of a run; `jitter` returns a number in 0..<1.
    package init(
        address: ControlPlaneAddress, credentials: Credentials, transport: any HTTPTransport, clock: any RunClock,
        timeouts: RequestTimeouts = RequestTimeouts(), budgets: RequestBudgets? = nil,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.address = address
        self.credentials = credentials
        key = APIKey(credentials)
        self.transport = transport
        self.clock = clock
        self.timeouts = timeouts
        self.budgets = budgets ?? RequestBudgets(clock: clock)
        budget = self.budgets.budget(of: Origin(ofURL: address.baseURL), key: credentials.apiKey.reveal())
        self.jitter = jitter
    }

    /// The same client, whose requests are paid from `allowance` first.
    package func with(allowance: RequestAllowance) -> ControlPlaneClient {
        var copy = self
        copy.allowance = allowance
        return copy
    }

    /// The same client with a deadline for its calls: no attempt starts after it.
    package func with(deadline: MonotonicInstant?) -> ControlPlaneClient {
        var copy = self
        copy.deadline = deadline
        return copy
    }

    /// The same client, whose calls are sent once and fail at once while the control plane requests a pause: for reads
    /// that must not delay anything.
    package func withoutRetries() -> ControlPlaneClient {
        var copy = self
        copy.retries = .none
        return copy
    }

    /// The same client, whose changes are sent once: the caller decides again before it repeats one
    /// (`ControlPlaneError.isCertainlyNotExecuted`, `ControlPlaneError.retryAfter`). Reads are retried.
    package func withoutRepeatedChanges() -> ControlPlaneClient {
        var copy = self
        copy.retries = .reads
        return copy
    }

    /// Takes over that the control plane has given a good response before, to an earlier process of the run.
    package func resumeContact() { contact.establish() }

    /// The current time by the control plane's clock, estimated from its responses.
    package var serverDate: Date { serverTime.date(at: clock.date) }

    /// Reads the key's file again; returns the new key if it changed. All copies of this client then use it.
    package func renewKey() -> SecretValue? { key.renew() }

    /// The flag or variable that supplied the key.
    package var keySource: String { credentials.source }

    /// Calls any endpoint. `path` starts with `/` and may contain a query; returns a 2xx response.
    ///
    /// The response may contain secret values; `secrets` are redacted from errors.
    package func raw(
        _ method: HTTPRequest.Method, path: String, body: Data? = nil, hiding secrets: [SecretValue] = []
    ) async throws -> HTTPResponse {
        var call = try call(method, path: path)
        call.body = body
        call.secrets = secrets
        return try await exchange(call)
    }

    /// One page of any list as the control plane writes it.
    package func page(at path: String) async throws -> RawJSON {
        try await read(try call(.get, path: path)) { try RawJSON(parsing: $0) }
    }

    private func call(_ method: HTTPRequest.Method, path: String) throws(ControlPlaneError) -> APICall {
        guard path.hasPrefix("/"), Origin(ofURL: address.baseURL + path) == Origin(ofURL: address.baseURL),
            RequestPath.ambiguousPart(of: path) == nil
        else {
            throw ControlPlaneError(
                .configuration, "invalid API path: \(path)",
                hint: "use a path that starts with /, such as /v2/deployments")
        }
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        var call = APICall(method, parts.first ?? path)
        call.rawQuery = parts.dropFirst().first
        return call
    }
}

extension ControlPlaneClient {
    /// Reads something. A response that cannot be decoded counts as lost: the call is sent up to five times.
    func read<Answer: Decodable>(_ call: APICall, as type: Answer.Type = Answer.self) async throws -> Answer {
        try await read(call) { try JSONDecoder().decode(type, from: $0) }
    }

    /// The same, with another way to decode the response.
    func read<Answer>(_ call: APICall, decode: (Data) throws -> Answer) async throws -> Answer {
        var failures = 0
        while true {
            let response = try await exchange(call)
            do {
                return try good(response, decode)
            } catch {
                failures += 1
                let policy = RetryPolicy()
                let left = deadline.map { clock.now.duration(to: $0) } ?? policy.timeoutWithoutDeadline
                guard failures < Self.attemptsToDecode, left >= policy.base, retries != .none else {
                    throw failure(of: call).undecodable(response, error)
                }
                let pause = policy.backoff(failures: failures, jitter: jitter())
                try await clock.sleep(for: min(pause, left / 2))
            }
        }
    }

    /// Changes something. A response that cannot be decoded leaves the outcome unknown.
    func change<Answer: Decodable>(_ call: APICall, as type: Answer.Type = Answer.self) async throws -> Answer {
        try await change(call) { try JSONDecoder().decode(type, from: $0) }
    }

    /// The same, with another way to decode the response.
    func change<Answer>(_ call: APICall, decode: (Data) throws -> Answer) async throws -> Answer {
        let response = try await exchange(call)
        do {
            return try good(response, decode)
        } catch {
            throw failure(of: call).undecodable(response, error)
        }
    }

    private func good<Answer>(_ response: HTTPResponse, _ decode: (Data) throws -> Answer) rethrows -> Answer {
        let answer = try decode(response.body)
        contact.establish()
        return answer
    }

    /// Sends the call with the key and returns a 2xx response.
    @discardableResult
    func exchange(_ call: APICall) async throws -> HTTPResponse {
        var request = HTTPRequest(call.method, address.baseURL + call.target, deadline: deadline)
        request.headers = headers(for: call)
        request.body = call.body.map { .bytes($0) } ?? .none
        request.isRepeatable = call.isRepeatable
        request.retries = retries
        request.limits = timeouts.limits(for: call)
        request.contact = contact
        (request.budget, request.allowance) = (budget, allowance)
        request.resource = call.values.first
        request.endpoint = call.endpoint
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch let error as TransportError {
            throw failure(of: call).noAnswer(error)
        }
        serverTime.take(response, at: clock.date)
        guard 200..<300 ~= response.status else { throw failure(of: call).refusal(response, now: clock.date) }
        return response
    }

    /// Reads a JSON object as the control plane writes it.
    func document(_ call: APICall) async throws -> RawJSON {
        try await read(call, decode: Self.object)
    }

    /// Changes something; returns the JSON object of the response as the control plane writes it.
    func changedDocument(_ call: APICall) async throws -> RawJSON {
        try await change(call, decode: Self.object)
    }

    /// A login page or a bare string is not a resource.
    private static func object(_ body: Data) throws -> RawJSON {
        let document = try RawJSON(parsing: body)
        guard document.members != nil else { throw RawJSONError("not an object") }
        return document
    }

    private func headers(for call: APICall) -> [HTTPHeader] {
        var headers = [
            HTTPHeader("X-Api-Key", key.current.reveal()), HTTPHeader("Accept", "application/json"),
        ]
        if let tenantID = credentials.tenantID { headers.append(HTTPHeader("X-Tenant-Id", tenantID)) }
        if call.body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        return headers
    }

    func failure(of call: APICall) -> CallFailure {
        CallFailure(
            endpoint: call.endpoint, path: call.path, host: Origin(ofURL: address.baseURL)?.host ?? address.baseURL,
            isChange: !call.isRepeatable, isNewer: call.isNewer, hasTenant: credentials.tenantID != nil,
            keySource: credentials.source, followsContact: contact.isEstablished,
            text: AnswerText(hiding: key.all + call.secrets))
    }

    /// From docs/failures.md, row 18.
    private static var attemptsToDecode: Int { 5 }
}
