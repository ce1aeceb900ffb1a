import ControlPlaneTypes
import Foundation
import TestSupport

@testable import Engine
@testable import Redaction
@testable import Reports
@testable import Steps

extension FuzzTarget {
    static let texts = [
        FuzzTarget("redaction", seeds: secrets, check: checkRedaction),
        FuzzTarget("sanitizer", seeds: SecretSpellings.all.map(\.text) + commands, check: checkSanitizer),
        FuzzTarget("secrets-file", seeds: secretsFiles, check: checkSecretsFile),
        FuzzTarget("journal", bytes: journals, check: checkJournal),
    ]

    /// The secret, the text before and after it, and one byte for each of its bytes that chooses how it is written.
    private static let secrets = [
        "hunter2pass\nkey=\n&x\n", "s3cr&t/\"välue\"🔑\\x %2B\n{\"k\":\"\n\"}\n\u{1}\u{2}\u{3}\u{4}\u{1}\u{2}\u{3}",
        "pass word\nAuthorization: Basic \n!\nbbbbbbbbb", "abcd\n\u{1B}[31m\n\u{1B}[0m\n\u{5}\u{5}",
    ]

    @Sendable private static func checkRedaction(_ input: [UInt8]) throws {
        let lines = input.lines(4)
        let (secret, choices) = (lines[0], Array(lines[3].utf8))
        let redactor = Redactor(secrets: [secret])
        _ = redactor.redact(input.text)
        _ = redactor.redact([lines[0], lines[1], lines[2]])
        let trimmed = secret.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed == secret, secret.utf8.count >= Redactor.shortestSecret, !secret.contains("*"),
            !Redactor.replacement.contains(secret)
        else { return }
        // Each byte in one of three spellings; decoding the output must not give the secret.
        let (percent, escaped) = (choices.first.map { $0 % 2 == 0 } ?? false, choices.count > 1)
        var written = ""
        if percent {
            for (index, byte) in secret.utf8.enumerated() {
                // No program leaves spaces, control characters or other alphabets as they are.
                let isEncoded = choices[index % choices.count] % 3 == 0 || byte <= 0x20 || byte >= 0x7F || byte == 0x25
                written +=
                    isEncoded ? "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16) : String(UnicodeScalar(byte))
            }
        } else if escaped {
            for (index, unit) in secret.utf16.enumerated() {
                let isPlain = unit >= 0x20 && unit < 0x7F && unit != 0x22 && unit != 0x5C
                let digits = String(unit, radix: 16)
                written +=
                    isPlain && choices[index % choices.count] % 3 > 0
                    ? String(UnicodeScalar(UInt8(unit)))
                    : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        } else {
            written = secret
        }
        let output = redactor.redact("\(lines[1]) \(written) \(lines[2])")
        // By bytes: Foundation's search of texts traps on some of them.
        try expect(!Array(output.utf8).contains(Array(written.utf8)), "'\(written)' of '\(secret)' is in '\(output)'")
    }

    private static let commands = ["::error::x", "##[command]y", "\u{202E}evil\u{2066}", "a\r\nb\u{0}\u{85}c"]

    @Sendable private static func checkSanitizer(_ input: [UInt8]) throws {
        let line = TextSanitizer(escapesCICommands: true).line(input.text)
        try expect(
            line.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control && !"\u{202A}\u{202E}".unicodeScalars.contains($0)
            },
            "a control character is in '\(line)'")
        try expect(!line.hasPrefix("::") && !line.contains("##["), "a command of a CI system is in '\(line)'")
        _ = TextSanitizer(escapesCICommands: true).lines(input.text)
        _ = TextSanitizer.keepingColumns(input.text)
        _ = Redactor().redact(input.text)
    }

    private static let secretsFiles = [
        "A=1\nexport B = 'two # words'\r\n# comment\nC=\"x\\n\\\"\\\\\\$\ny\" # end\n",
        "\u{FEFF}KEY=value # comment\n\n",
        "X='unterminated\n", "1A=2\n", "A=\n",
    ]

    @Sendable private static func checkSecretsFile(_ input: [UInt8]) throws {
        do {
            let secrets = try SecretsFile.parse(input.text)
            try expect(Set(secrets.map(\.name)).count == secrets.count, "a name twice")
            // What was read can be written so that it is read again.
            let text = secrets.map { secret in
                "\(secret.name)=\""
                    + secret.value.reveal().unicodeScalars.map { scalar in
                        "\\\"$".unicodeScalars.contains(scalar) ? "\\\(scalar)" : scalar == "\r" ? "\\r" : "\(scalar)"
                    }.joined() + "\"\n"
            }.joined()
            let again = try SecretsFile.parse(text)
            try expect(
                again.map { $0.value.reveal() } == secrets.map { $0.value.reveal() }, "other secrets from '\(text)'")
        } catch let problem as SecretsFile.Problem {
            try expect(!problem.message.isEmpty && problem.line > 0, "a problem without a place")
        }
    }

    private static let journals = [RunScript.deployed, .failedAndRolledBack].map { script in
        script.events.flatMap { event in (try? event.line).map(Array.init) ?? [] }
    }

    @Sendable private static func checkJournal(_ input: [UInt8]) throws {
        _ = JournalReader.isFinished(input.data)
        let events: [RunEvent]
        do {
            events = try JournalReader(input.data).events
        } catch let error as JournalError {
            return try expect(!error.message.isEmpty, "an error without a message")
        }
        var (state, fold) = (RunState(), RunFold())
        for event in events {
            state.apply(event.payload)
            fold.add(event)
            let again = try JournalReader(try event.line).events
            try expect(again.count == 1, "an event that cannot be read again")
        }
        guard !events.isEmpty else { return }
        let summaries = [fold.finished()]
        _ = JUnitReport(summaries).xml
        _ = HTMLReport(summaries).page
        _ = MarkdownSummary(summaries).text()
        _ = try JSONEncoder().encode(JSONReport(summaries[0]))
        _ = ConsoleSummary(summaries[0], clean: TextSanitizer(escapesCICommands: true)).text
        _ = DotenvReport(PipelineOutputs(summaries[0])).text
        _ = try GitLabAnnotations(summaries).pretty()
    }
}
