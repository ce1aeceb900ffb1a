import ControlPlaneTypes
import FoundationEssentials
import Redaction

/// Makes text from an answer fit to be shown: no secrets, no control characters, not too long.
struct AnswerText: Sendable {
    private let redactor: Redactor

    init(hiding secrets: [SecretValue]) {
        redactor = Redactor(secrets: secrets.map { $0.reveal() })
    }

    /// What a person needs of an error's detail.
    func line(_ text: String) -> String {
        line(text, limit: 2000)
    }

    /// The beginning of a body that is not what it should be. Values of deployments' secrets are hidden in it: a
    /// truncated deployment still names them.
    func snippet(_ body: Data) -> String {
        let text = String(decoding: body.prefix(4096), as: UTF8.self)
        return line(JSONRedaction.hidingValues(inFragment: text), limit: 512)
    }

    /// `limit` is in Unicode scalars.
    private func line(_ text: String, limit: Int) -> String {
        let lines = redactor.redact(text).split(whereSeparator: \.isNewline).joined(separator: " ")
        return TextSanitizer(escapesCICommands: false).line(lines).cut(toScalars: limit)
    }
}
