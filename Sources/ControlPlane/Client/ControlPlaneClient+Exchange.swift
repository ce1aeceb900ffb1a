import Clocks
import ControlPlaneTypes
import FoundationEssentials
import Redaction

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
