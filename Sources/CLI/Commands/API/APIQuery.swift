import ControlPlane

/// The query of a path, percent-encoded as it was given.
struct APIQuery: Sendable, Equatable {
    private var pairs: [String]

    init(_ text: String) {
        pairs = text.split(separator: "&").map(String.init)
    }

    var text: String { pairs.joined(separator: "&") }

    subscript(name: String) -> String? {
        pairs.last { Self.name(of: $0) == name }.map { String($0.dropFirst(name.count + 1)) }
    }

    func setting(_ name: String, _ value: String) -> APIQuery {
        var copy = self
        copy.pairs.removeAll { Self.name(of: $0) == name }
        return copy.adding(name, value)
    }

    func adding(_ name: String, _ value: String) -> APIQuery {
        var copy = self
        copy.pairs.append("\(name.percentEncoded)=\(value.percentEncoded)")
        return copy
    }

    private static func name(of pair: String) -> Substring { pair.prefix { $0 != "=" } }
}
