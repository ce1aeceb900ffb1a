import Engine
import FoundationEssentials
import Redaction
import Reports

/// The findings of `slipway doctor` as text or JSON, with the exit code.
struct DoctorReport: Sendable {
    let findings: [Finding]

    /// The findings may name URLs with credentials, which git and the control plane repeat.
    init(findings: [Finding]) {
        let redactor = Redactor()
        self.findings = findings.map { $0.redacted(by: redactor) }
    }

    /// The verdict of the first problem.
    var verdict: Verdict {
        for finding in findings {
            if case .bad(let verdict) = finding.health { return verdict }
        }
        return .success
    }

    func text(_ style: Style, _ clean: TextSanitizer) -> String {
        let width = Finding.Check.allCases.map(\.title.count).max() ?? 0
        let indent = String(repeating: " ", count: Self.signs(style).map(\.1.columns).max() ?? 0)
        let lines = findings.flatMap { finding in
            let title = finding.check.title + String(repeating: " ", count: width - finding.check.title.count)
            let first = "\(sign(finding.health, style, width: indent.count)) \(title)  \(clean.line(finding.detail))"
            let gap = indent + String(repeating: " ", count: width + 3)
            return [first] + (finding.hint.map { [gap + style.paint("hint:", .bold) + " " + clean.line($0)] } ?? [])
        }
        return (lines + ["", summary]).joined(separator: "\n") + "\n"
    }

    private var summary: String {
        let bad = findings.count { if case .bad = $0.health { true } else { false } }
        let warnings = findings.count { $0.health == .warning }
        let rest = warnings > 0 ? ", \(warnings) \(warnings == 1 ? "warning" : "warnings")" : ""
        return bad == 0 ? "no problems\(rest)" : "\(bad) \(bad == 1 ? "problem" : "problems")\(rest)"
    }

    private func sign(_ health: Finding.Health, _ style: Style, width: Int) -> String {
        let signs = Self.signs(style)
        let (color, text) =
            switch health {
            case .good: signs[0]
            case .warning: signs[1]
            case .bad: signs[2]
            case .skipped: signs[3]
            }
        return style.paint(text, color) + String(repeating: " ", count: max(0, width - text.columns))
    }

    private static func signs(_ style: Style) -> [(Style.Color, String)] {
        [(.green, style.okSign), (.yellow, "!"), (.red, style.failSign), (.dim, style.skipSign)]
    }
}

// MARK: - JSON

extension DoctorReport {
    private struct Document: Encodable {
        var schemaVersion = 1
        var ok: Bool
        var exitCode: Int32
        var checks: [Row]
    }

    private struct Row: Encodable {
        var name: String
        var status: String
        var detail: String
        var hint: String?
    }

    func json() throws -> String {
        let rows = findings.map {
            Row(name: Self.name($0.check), status: Self.status($0.health), detail: $0.detail, hint: $0.hint)
        }
        let document = Document(ok: verdict == .success, exitCode: verdict.exitCode, checks: rows)
        return try StableJSON.pretty(document, keys: .convertToSnakeCase)
    }

    private static func name(_ check: Finding.Check) -> String {
        switch check {
        case .localPlane: "local_control_plane"
        case .controlPlane: "control_plane"
        default: check.rawValue
        }
    }

    private static func status(_ health: Finding.Health) -> String {
        switch health {
        case .good: "ok"
        case .warning: "warning"
        case .bad: "error"
        case .skipped: "skipped"
        }
    }
}

/// The result of one check of `slipway doctor`.
struct Finding: Sendable, Equatable {
    enum Check: String, CaseIterable, Sendable {
        case state, ci, settings, repository, localPlane, certificates, controlPlane, key, workspace, integration

        var title: String {
            switch self {
            case .state: "state directory"
            case .ci: "CI"
            case .settings: "settings"
            case .repository: "repository"
            case .localPlane: "local control plane"
            case .certificates: "CA certificates"
            case .controlPlane: "control plane"
            case .key: "API key"
            case .workspace: "workspace"
            case .integration: "GitHub integration"
            }
        }
    }

    enum Health: Sendable, Equatable {
        case good
        /// A deploy may work, but other commands may not.
        case warning
        /// With the verdict that a deploy would end with.
        case bad(Verdict)
        /// Not checked because of an earlier problem.
        case skipped
    }

    var check: Check
    var health: Health
    var detail: String
    var hint: String?

    static func good(_ check: Check, _ detail: String) -> Finding {
        Finding(check: check, health: .good, detail: detail)
    }

    static func warning(_ check: Check, _ detail: String, hint: String) -> Finding {
        Finding(check: check, health: .warning, detail: detail, hint: hint)
    }

    static func bad(_ check: Check, _ failure: StepFailure) -> Finding {
        Finding(check: check, health: .bad(failure.verdict), detail: failure.message, hint: failure.hint)
    }

    static func skipped(_ check: Check, _ why: String) -> Finding {
        Finding(check: check, health: .skipped, detail: why)
    }
}

extension Finding {
    fileprivate func redacted(by redactor: Redactor) -> Finding {
        var finding = self
        finding.detail = redactor.redact(detail)
        finding.hint = hint.map { redactor.redact($0) }
        return finding
    }
}
