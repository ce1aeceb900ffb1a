package import ControlPlane
import FoundationEssentials

/// What a `StubTransport` does with one request.
package enum StubReply: Sendable {
    case answer(HTTPResponse)
    case failure(TransportError)
    /// No answer until the task is cancelled.
    case silence

    package static func json(_ text: String, status: Int = 200) -> StubReply {
        .answer(
            HTTPResponse(
                status: status, headers: [HTTPHeader("Content-Type", "application/json")], body: Data(text.utf8)))
    }

    package static func status(_ status: Int, headers: [HTTPHeader] = [], body: String = "") -> StubReply {
        .answer(HTTPResponse(status: status, headers: headers, body: Data(body.utf8)))
    }

    /// A failure whose message is its kind's name.
    package static func fails(_ kind: TransportError.Kind, mayHaveBeenProcessed: Bool = true) -> StubReply {
        .failure(TransportError(kind, kind.rawValue, mayHaveBeenProcessed: mayHaveBeenProcessed))
    }
}
