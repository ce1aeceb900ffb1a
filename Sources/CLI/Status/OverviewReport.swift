import Clocks
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import History
import Redaction
import Reports

/// `slipway status --all` as a table: a line for each deployment, those with findings first, and a summary.
struct OverviewReport: Sendable {
    /// Columns without a terminal.
    static let width = 100

    let deployments: [DeploymentOverview]
    let now: Date
    let style: Style
    let width: Int
    let clean: TextSanitizer

    init(
        _ deployments: [DeploymentOverview], now: Date, style: Style = .plain, width: Int? = nil, clean: TextSanitizer
    ) {
        self.deployments = deployments
        self.now = now
        self.style = style
        self.width = width ?? Self.width
        self.clean = clean
    }

    var text: String {
        guard !deployments.isEmpty else { return "no deployments\n" }
        let sorted = deployments.filter { !$0.findings.isEmpty } + deployments.filter { $0.findings.isEmpty }
        let table = TableLayout(columns: Self.columns.map(\.layout))
        let lines = table.lines(
            sorted.map { row in Self.columns.map { $0.cell(row, now) } }, clean: clean, style: style, width: width)
        return (lines + ["", summary]).map { $0 + "\n" }.joined()
    }

    /// `12 deployments, 3 drifted: 2 behind, 1 latest-failed, 1 under-way; 4 not compared`
    var summary: String {
        let count = "\(deployments.count) \(deployments.count == 1 ? "deployment" : "deployments")"
        let drifted = deployments.count(where: \.hasDrifted)
        let counts = deployments.flatMap(\.findings).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let found = DeploymentOverview.Finding.allCases.compactMap { finding in
            counts[finding].map { "\($0) \(finding.rawValue)" }
        }
        let findings = found.isEmpty ? "" : ": " + found.joined(separator: ", ")
        let notCompared = deployments.count(where: \.isNotCompared)
        let gap = notCompared > 0 ? "; \(notCompared) not compared" : ""
        return "\(count), \(drifted == 0 ? "none" : String(drifted)) drifted\(findings)\(gap)"
    }
}

extension OverviewReport {
    private struct Column: Sendable {
        let layout: TableLayout.Column
        let cell: @Sendable (DeploymentOverview, Date) -> String

        init(
            _ title: String, isFlexible: Bool = false, dropRank: Int? = nil,
            _ cell: @escaping @Sendable (DeploymentOverview, Date) -> String?
        ) {
            layout = TableLayout.Column(title: title, isFlexible: isFlexible, dropRank: dropRank)
            self.cell = { cell($0, $1) ?? "-" }
        }
    }

    private static let columns = [
        Column("NAME", isFlexible: true) { row, _ in row.deployment.name },
        Column("LIVE") { row, _ in source(of: row) },
        Column("SINCE", dropRank: 2) { row, now in
            row.revisions.live?.liveSince?.date.map { age($0, now) }
        },
        Column("LAST CHANGE", isFlexible: true, dropRank: 3) { row, now in change(of: row, now) },
        Column("SUBJECT", isFlexible: true, dropRank: 4) { row, _ in
            row.position.commit.map { "\"\($0.subject)\" by \($0.authorName)" }
        },
        Column("FINDINGS") { row, _ in
            row.findings.isEmpty ? nil : row.findings.map { label($0, row) }.joined(separator: ", ")
        },
    ]

    private static func source(of row: DeploymentOverview) -> String? {
        guard let live = row.revisions.live else { return nil }
        if let commit = live.commitSHA { return String(commit.prefix(12)) }
        guard let image = live.image else { return "unknown" }
        // The end tells images of one repository apart: a digest, else a tag.
        let digest = image.split(separator: "@").last.flatMap { $0.contains(":") ? $0 : nil }
        if image.contains("@"), let digest { return String(digest.prefix(19)) }
        return String(image.suffix(20))
    }

    private static func change(of row: DeploymentOverview, _ now: Date) -> String? {
        guard let last = row.changes.last else { return row.revisions.live.map { _ in "not recorded" } }
        let who = last.record.actor?.person.map { " by \($0)" } ?? ""
        let isRunning = last.outcome == .running
        let when = last.date.map { isRunning ? " for \(age($0, now))" : " \(age($0, now)) ago" } ?? ""
        return last.outcome.rawValue.replacing("_", with: " ") + who + when
    }

    private static func label(_ finding: DeploymentOverview.Finding, _ row: DeploymentOverview) -> String {
        guard finding == .behind, let behind = row.position.behind else { return finding.rawValue }
        return "\(finding.rawValue) \(behind)"
    }

    private static func age(_ date: Date, _ now: Date) -> String { AgeText.brief(now.timeIntervalSince(date)) }
}
