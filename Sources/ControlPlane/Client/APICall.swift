import ControlPlaneTypes
import FoundationEssentials
import JSON
import Redaction

/// One call of the API, without host and key.
struct APICall: Sendable {
    var method: HTTPRequest.Method
    /// The path with placeholders, as the API documents it: `/v2/deployments/{id}`.
    var template: String
    /// The values of the placeholders, in order.
    var values: [String]
    var query: [(name: String, value: String)]
    /// Sent unchanged, instead of `query`.
    var rawQuery: String?
    var body: Data?
    /// Whether it may be sent twice.
    var isRepeatable: Bool
    /// Whether older control planes lack the endpoint, so that 404 and 405 do not mean that the resource is missing.
    var isNewer = false
    /// Secrets in the body, redacted from errors because a response may echo them.
    var secrets: [SecretValue] = []

    init(
        _ method: HTTPRequest.Method, _ template: String, _ values: [String] = [],
        query: [(name: String, value: String)] = []
    ) {
        self.method = method
        self.template = template
        self.values = values
        self.query = query
        isRepeatable = method == .get
    }

    /// The name used in counts and reports.
    var endpoint: String { "\(method.rawValue) \(template)" }

    func with(body: some Encodable, secrets: [Secret]? = nil) throws -> APICall {
        var copy = self
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        copy.body = try encoder.encode(body)
        copy.secrets = (secrets ?? []).map(\.value)
        return copy
    }

    /// The same call with the user's JSON as its body; the secrets in it are redacted from errors.
    func with(body: RawJSON) -> APICall {
        var copy = self
        var redaction = JSONRedaction()
        _ = redaction.redact(body)
        copy.body = body.data
        copy.secrets = redaction.hidden
        return copy
    }

    /// The same call, marked as safe to repeat although it is a POST.
    var repeatable: APICall {
        var copy = self
        copy.isRepeatable = true
        return copy
    }

    /// The same call, marked as missing on older control planes.
    var newer: APICall {
        var copy = self
        copy.isNewer = true
        return copy
    }

    /// The method and the path, as people see it in messages.
    var path: String { "\(method.rawValue) \(encodedPath)" }

    /// Path and query, percent-encoded.
    var target: String {
        let pairs = query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
        let query = rawQuery ?? pairs.joined(separator: "&")
        return encodedPath + (query.isEmpty ? "" : "?" + query)
    }

    private var encodedPath: String {
        var values = values[...]
        let segments = template.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), let value = values.popFirst() else { return String(segment) }
            return value.percentEncoded
        }
        return segments.joined(separator: "/")
    }
}

extension String {
    /// Escapes everything except RFC 3986's unreserved characters, and also `.` and `..`, which would change the path.
    package var percentEncoded: String {
        if self == "." || self == ".." { return String(repeating: "%2E", count: count) }
        return utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default:
                "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
