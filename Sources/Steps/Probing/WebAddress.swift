import ControlPlane
import FoundationEssentials

/// An http or https URL that describes itself without user info and query, which may hold secrets.
struct WebAddress: Equatable, CustomStringConvertible {
    let text: String
    let description: String

    init?(_ text: String) {
        guard let origin = Origin(ofURL: text), var parts = URLComponents(string: text) else { return nil }
        parts.user = nil
        parts.password = nil
        parts.query = nil
        parts.fragment = nil
        self.text = text
        description = parts.string ?? origin.description
    }

    /// For those whose path is a secret too: the scheme and the host.
    var origin: String { Origin(ofURL: text)?.description ?? "" }
}
