package import Clocks
import ControlPlaneTypes
package import FoundationEssentials
package import JSON
package import Redaction

/// The control plane's API: one method for each endpoint, typed both ways.
///
/// Every method throws `ControlPlaneError`, and `CancellationError` when the task is cancelled.
package struct ControlPlaneClient: Sendable {
    package let address: ControlPlaneAddress
    let credentials: Credentials
    let key: APIKey
    let serverTime = ServerTime()
    let transport: any HTTPTransport
    let clock: any RunClock
    let jitter: @Sendable () -> Double
    private(set) var deadline: MonotonicInstant?

    /// `transport` should retry; `jitter` answers anything in 0..<1.
    package init(
        address: ControlPlaneAddress, credentials: Credentials, transport: any HTTPTransport, clock: any RunClock,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.address = address
        self.credentials = credentials
        key = APIKey(credentials)
        self.transport = transport
        self.clock = clock
        self.jitter = jitter
    }

    /// The same client, whose calls end at `deadline`: no attempt starts after it.
    package func with(deadline: MonotonicInstant?) -> ControlPlaneClient {
        var copy = self
        copy.deadline = deadline
        return copy
    }

    /// What the control plane's clock shows, as far as its answers told.
    package var serverDate: Date { serverTime.date(at: clock.date) }

    /// Reads the file again that the key came from. The new key, when it holds another one: all copies of this client
    /// use it from now on.
    package func renewKey() -> SecretValue? { key.renew() }

    /// The flag or variable that the key comes from.
    package var keySource: String { credentials.source }

    /// Any endpoint, for what has no method here. `path` starts with `/` and may carry a query; returns 2xx answers.
    ///
    /// The answer may hold values of secrets; `secrets` are those that no error may repeat.
    package func raw(
        _ method: HTTPRequest.Method, path: String, body: Data? = nil, hiding secrets: [SecretValue] = []
    ) async throws -> HTTPResponse {
        var call = try call(method, path: path)
        call.body = body
        call.secrets = secrets
        return try await exchange(call)
    }

    /// One page of any list, as the control plane writes it.
    package func page(at path: String) async throws -> RawJSON {
        try await read(try call(.get, path: path)) { try RawJSON(parsing: $0) }
    }

    private func call(_ method: HTTPRequest.Method, path: String) throws(ControlPlaneError) -> APICall {
        guard path.hasPrefix("/"), Origin(ofURL: address.baseURL + path) == Origin(ofURL: address.baseURL) else {
            throw ControlPlaneError(
                .configuration, "not a path of the API: \(path)",
                hint: "give a path that starts with /, such as /v2/deployments")
        }
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        var call = APICall(method, parts.first ?? path)
        call.rawQuery = parts.dropFirst().first
        return call
    }
}

extension ControlPlaneClient {
    /// A call whose answer is wanted; one that does not decode counts as lost and is asked for again, five times in all.
    func read<Answer: Decodable>(_ call: APICall, as type: Answer.Type = Answer.self) async throws -> Answer {
        try await read(call) { try JSONDecoder().decode(type, from: $0) }
    }

    /// As above, for answers that are read in another way.
    func read<Answer>(_ call: APICall, decode: (Data) throws -> Answer) async throws -> Answer {
        var failures = 0
        while true {
            let response = try await exchange(call)
            do {
                return try decode(response.body)
            } catch {
                failures += 1
                let pause = RetryPolicy().backoff(failures: failures, jitter: jitter())
                let isLate = deadline.map { clock.now.advanced(by: pause) >= $0 } ?? false
                guard failures < Self.attemptsToDecode, !isLate else {
                    throw failure(of: call).undecodable(response, error)
                }
                try await clock.sleep(for: pause)
            }
        }
    }

    /// A call that changes something; an answer that does not decode leaves open what became of it.
    func change<Answer: Decodable>(_ call: APICall, as type: Answer.Type = Answer.self) async throws -> Answer {
        try await change(call) { try JSONDecoder().decode(type, from: $0) }
    }

    /// As above, for answers that are read in another way.
    func change<Answer>(_ call: APICall, decode: (Data) throws -> Answer) async throws -> Answer {
        let response = try await exchange(call)
        do {
            return try decode(response.body)
        } catch {
            throw failure(of: call).undecodable(response, error)
        }
    }

    /// Sends the call with its key and returns a 2xx answer.
    @discardableResult
    func exchange(_ call: APICall) async throws -> HTTPResponse {
        var request = HTTPRequest(call.method, address.baseURL + call.target, deadline: deadline)
        request.headers = headers(for: call)
        request.body = call.body.map { .bytes($0) } ?? .none
        request.isRepeatable = call.isRepeatable
        request.endpoint = call.endpoint
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch let error as TransportError {
            throw failure(of: call).noAnswer(error)
        }
        serverTime.take(response, at: clock.date)
        guard 200..<300 ~= response.status else { throw failure(of: call).refusal(response) }
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
            endpoint: call.endpoint, host: Origin(ofURL: address.baseURL)?.host ?? address.baseURL,
            isChange: !call.isRepeatable, isNewer: call.isNewer, hasTenant: credentials.tenantID != nil,
            text: AnswerText(hiding: key.all + call.secrets))
    }

    /// Docs/failures.md, row 18.
    private static var attemptsToDecode: Int { 5 }
}

/// What time it is at the control plane, by the `Date` of its answers: clocks of two machines differ
/// (docs/failures.md, row 41).
final class ServerTime: Sendable {
    /// Seconds that its clock is ahead of ours.
    private let offset = Locked<Double>(0)

    /// `local` is when the answer came, by our clock.
    func take(_ response: HTTPResponse, at local: Date) {
        guard let date = response.header("Date").flatMap(RetryAfter.date) else { return }
        offset.withLock { $0 = date.timeIntervalSince(local) }
    }

    /// Ours as long as it has not said.
    func date(at local: Date) -> Date { local.addingTimeInterval(offset.withLock(\.self)) }
}
