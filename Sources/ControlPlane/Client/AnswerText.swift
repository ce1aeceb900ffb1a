import ControlPlaneTypes
import FoundationEssentials

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

    private func redacted(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "***") }
    }

    /// Replaces what follows `"value":`, to the closing quote or, where that was cut off, the end.
    private func hidingValueFields(_ text: String) -> String {
        text.replacing(#/("value"\s*:\s*")(?:[^"\\]|\\.)*("|$|\\$)/#) { match in "\(match.output.1)***\(match.output.2)"
        }
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
