import ControlPlaneTypes
import FoundationEssentials
import Redaction

/// Makes text from an answer fit to be shown: no secrets, no control characters, not too long.
struct AnswerText: Sendable {
    /// Values that must not be shown.
    let secrets: [String]

    init(hiding secrets: [SecretValue]) {
        self.secrets = secrets.map { $0.reveal() }.filter { $0.count >= Self.shortestSecret }
    }

    /// What a person needs of an error's detail.
    func line(_ text: String) -> String {
        clipped(redacted(text), to: 2000)
    }

    /// The beginning of a body that is not what it should be. Values of deployments' secrets are hidden in it: a
    /// truncated deployment still names them.
    func snippet(_ body: Data) -> String {
        let text = String(decoding: body.prefix(4096), as: UTF8.self)
        return clipped(redacted(hidingValueFields(text)), to: 512)
    }

    // By scalars: a combining mark behind a secret or a quote would make another character of its end.

    private func redacted(_ text: String) -> String {
        String(
            secrets.reduce(text.unicodeScalars) { $0.replacing($1.unicodeScalars, with: "***".unicodeScalars) })
    }

    /// Replaces what follows `"value":`, to the closing quote or, where that was cut off, the end.
    private func hidingValueFields(_ text: String) -> String {
        let field = #/("value"\s*:\s*")(?:[^"\\]|\\.)*("|$|\\$)/#.matchingSemantics(.unicodeScalar)
        return text.replacing(field) { "\($0.output.1)***\($0.output.2)" }
    }

    /// One line, in UTF-8 bytes at most `limit` long.
    private func clipped(_ text: String, to limit: Int) -> String {
        var clean = ""
        for scalar in text.unicodeScalars {
            guard clean.utf8.count < limit else { return clean + "…" }
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: if clean.last != " " { clean.append(" ") }
            case .format, .privateUse, .surrogate: break
            default: clean.unicodeScalars.append(scalar)
            }
        }
        return clean
    }

    /// Shorter values occur by chance; to replace them would only garble the text.
    private static let shortestSecret = 4
}
