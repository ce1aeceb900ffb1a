import Foundation

/// Takes the values of secrets out of text that is shown or kept.
struct SecretRedaction: Sendable {
    private let values: [String]

    /// Shorter ones, like `1` or `true`, would make every line unreadable and protect nothing.
    private static let shortest = 6

    init(_ secrets: [String: String]) {
        let lines = secrets.values.flatMap { $0.split(whereSeparator: \.isNewline) }.map(String.init)
        values = lines.filter { $0.count >= Self.shortest }.sorted { $0.utf8.count > $1.utf8.count }
    }

    func callAsFunction(_ text: String) -> String {
        // By scalars: a mark behind a secret would make another character of its end.
        String(values.reduce(text.unicodeScalars) { $0.replacing($1.unicodeScalars, with: "***".unicodeScalars) })
    }
}
