import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

/// What a handler of the model answers.
struct ModelAnswer: Sendable {
    var status: Int
    var body: JSONValue?

    init(_ status: Int = 200, _ body: JSONValue?) {
        self.status = status
        self.body = body
    }

    var response: HTTPResponse {
        let headers = body == nil ? [] : [HTTPHeader("Content-Type", "application/json")]
        return HTTPResponse(status: status, headers: headers, body: body.map(\.encoded) ?? Data())
    }
}
