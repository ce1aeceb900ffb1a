import ControlPlaneTypes
import FoundationEssentials
import JSON
import Redaction

/// One call of the API, before it has a host and a key.
struct APICall: Sendable {
    var method: HTTPRequest.Method
    /// With placeholders, as the API documents it: `/v2/deployments/{id}`.
    var template: String
    /// What the placeholders stand for, in their order.
    var values: [String]
    var query: [(name: String, value: String)]
    /// Goes out as it is, in place of `query`.
    var rawQuery: String?
    var body: Data?
    /// Whether sending it twice does no harm.
    var isRepeatable: Bool
    /// Whether older control planes lack it, so that 404 and 405 say nothing about the resource.
    var isNewer = false
    /// What the body gives away if an answer echoes it.
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

    /// What it is counted and reported under.
    var endpoint: String { "\(method.rawValue) \(template)" }

    func with(body: some Encodable, secrets: [Secret]? = nil) throws -> APICall {
        var copy = self
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        copy.body = try encoder.encode(body)
        copy.secrets = (secrets ?? []).map(\.value)
        return copy
    }

    /// With a body that is somebody's own, and whose secrets no error may repeat.
    func with(body: RawJSON) -> APICall {
        var copy = self
        var redaction = JSONRedaction()
        _ = redaction.redact(body)
        copy.body = body.data
        copy.secrets = redaction.hidden
        return copy
    }

    /// Harmless to repeat although it is a POST.
    var repeatable: APICall {
        var copy = self
        copy.isRepeatable = true
        return copy
    }

    /// Missing on older control planes.
    var newer: APICall {
        var copy = self
        copy.isNewer = true
        return copy
    }

    /// Path and query, percent-encoded.
    var target: String {
        var values = values[...]
        let segments = template.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), let value = values.popFirst() else { return String(segment) }
            return value.percentEncoded
        }
        let pairs = query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
        let query = rawQuery ?? pairs.joined(separator: "&")
        return segments.joined(separator: "/") + (query.isEmpty ? "" : "?" + query)
    }
}

extension String {
    /// Everything but RFC 3986's unreserved characters is escaped; `.` and `..` too, which would change a path.
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
