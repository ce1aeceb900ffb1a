import Clocks
import ControlPlaneTypes
import FoundationEssentials
import JSON
import Redaction
import Reports

/// The columns of a list of resources.
struct ResourceTable: Sendable {
    struct Column: Sendable {
        var layout: TableLayout.Column
        var cell: @Sendable (_ resource: RawJSON, _ now: Date) -> String

        init(
            _ title: String, isFlexible: Bool = false, dropRank rank: Int? = nil,
            _ cell: @escaping @Sendable (RawJSON) -> String?
        ) {
            layout = TableLayout.Column(title: title, isFlexible: isFlexible, dropRank: rank)
            self.cell = { resource, _ in cell(resource).flatMap { $0.isEmpty ? nil : $0 } ?? "-" }
        }

        /// The age of the first of these times.
        init(age keys: String..., dropRank rank: Int) {
            layout = TableLayout.Column(title: "AGE", dropRank: rank)
            cell = { resource, now in
                let date = keys.lazy.compactMap { resource[$0]?.text }.first.flatMap { Timestamp(text: $0).date }
                return date.map { AgeText.brief(now.timeIntervalSince($0)) } ?? "-"
            }
        }
    }

    let columns: [Column]

    var layout: TableLayout { TableLayout(columns: columns.map(\.layout)) }
}

extension ResourceTable {
    static let deployments = ResourceTable(columns: [
        Column("NAME", isFlexible: true) { $0["name"]?.text },
        Column("STATUS", dropRank: 0) { $0["status"]?.text },
        Column("SOURCE", dropRank: 3) { $0["source"]?.text },
        Column("LIVE", dropRank: 2) { $0["active_revision_id"]?.text.map { String($0.prefix(8)) } },
        Column(age: "updated_at", "created_at", dropRank: 1),
        Column("ID") { $0["id"]?.text },
    ])

    /// `live` is the ID of the live revision.
    static func revisions(live: String?) -> ResourceTable {
        ResourceTable(columns: [
            Column("ID") { $0["id"]?.text },
            Column("STATUS") { $0["status"]?.text },
            Column("LIVE") { live != nil && $0["id"]?.text == live ? "live" : "" },
            Column("COMMIT", dropRank: 2) { revision in
                revision["source_revision_config"]?["repo_commit_sha"]?.text.map { String($0.prefix(12)) }
            },
            Column("FROM", isFlexible: true, dropRank: 3) { origin(of: $0) },
            Column(age: "created_at", dropRank: 1),
        ])
    }

    static let listeners = ResourceTable(columns: [
        Column("COMPUTE", isFlexible: true) { $0["compute_id"]?.text },
        Column("TYPE", dropRank: 2) { $0["compute_type"]?.text },
        Column("NAMESPACES", isFlexible: true, dropRank: 3) { listener in
            listener["compute_config"]?["k8s_namespaces"]?.elements?.compactMap(\.text).joined(separator: ", ")
        },
        Column("VERSION", dropRank: 4) { $0["version"]?.text },
        Column(age: "updated_at", "created_at", dropRank: 1),
        Column("ID") { $0["id"]?.text },
    ])

    static let integrations = ResourceTable(columns: [
        Column("NAME", isFlexible: true) { $0["name"]?.text },
        Column("INSTALLATION", dropRank: 1) { $0["installation_id"]?.integer.map(String.init) },
        Column("ID") { $0["id"]?.text },
    ])

    static let repositories = ResourceTable(columns: [
        Column("REPOSITORY", isFlexible: true) { repository in
            [repository["owner"]?.text, repository["name"]?.text].compactMap(\.self).joined(separator: "/")
        },
        Column("BRANCH", isFlexible: true, dropRank: 1) { $0["default_branch"]?.text },
        Column("URL", isFlexible: true, dropRank: 2) { $0.redacted["url"]?.text },
    ])

    /// The ref comes first, because a github revision also has the image that was built from it.
    private static func origin(of revision: RawJSON) -> String? {
        let config = revision["source_revision_config"]
        return ["repo_ref", "image_uri", "source_tarball_path"].lazy.compactMap { config?[$0]?.text }
            .first { !$0.isEmpty }
    }
}

/// Words the age of something in a table.
enum AgeText {
    static func brief(_ seconds: Double) -> String {
        let days = Int(max(min(seconds, 1e9), 0) / 86_400)
        return days >= 3 ? "\(days)d" : Duration.seconds(max(seconds, 0)).brief
    }
}

/// Lays out rows in columns that fit a terminal.
struct TableLayout: Sendable {
    struct Column: Sendable {
        var title: String
        /// Whether it may shrink to `Column.narrowest`.
        var isFlexible = false
        /// The column with the highest rank is dropped first; nil always stays.
        var dropRank: Int?

        static let narrowest = 20
    }

    let columns: [Column]

    private static let gap = 2

    /// Header and rows. `width` is nil when nothing needs to be cut, as in a pipe.
    func lines(_ rows: [[String]], clean: TextSanitizer, style: Style, width: Int?) -> [String] {
        let cells = rows.map { $0.map(clean.line) }
        let natural = columns.indices.map { index in
            cells.reduce(columns[index].title.columns) { max($0, $1[index].columns) }
        }
        let widths = fitted(natural, into: width)
        let shown = columns.indices.filter { widths[$0] != nil }
        let header = line(columns.map(\.title), widths, shown, style)
        return [style.paint(header, .bold)] + cells.map { line($0, widths, shown, style) }
    }

    /// The width of each column; nil for a dropped one.
    func fitted(_ natural: [Int], into width: Int?) -> [Int?] {
        guard let width else { return natural }
        var shown = Array(columns.indices)
        while true {
            var widths: [Int?] = columns.indices.map { shown.contains($0) ? natural[$0] : nil }
            var excess = shown.reduce(Self.gap * (shown.count - 1) - width) { $0 + natural[$1] }
            for index in shrinking(shown) where excess > 0 {
                let cut = min(excess, max(natural[index] - Column.narrowest, 0))
                widths[index] = natural[index] - cut
                excess -= cut
            }
            let leaving = shown.max { (columns[$0].dropRank ?? -1) < (columns[$1].dropRank ?? -1) }
            guard excess > 0, let leaving, columns[leaving].dropRank != nil else { return widths }
            shown.removeAll { $0 == leaving }
        }
    }

    /// What shrinks before anything else is dropped, in that order. Of the columns that can be dropped it is only the
    /// first one to go, so that no other one is cut while it is there; the last one that is left is cut last of all.
    private func shrinking(_ shown: [Int]) -> [Int] {
        let flexible = shown.filter { columns[$0].isFlexible }
        let lasting = flexible.filter { columns[$0].dropRank == nil }
        let leaving = flexible.filter { columns[$0].dropRank != nil }
            .sorted { (columns[$0].dropRank ?? 0) > (columns[$1].dropRank ?? 0) }
        return leaving.count > 1 ? leaving.prefix(1) + lasting : lasting + leaving
    }

    private func line(_ cells: [String], _ widths: [Int?], _ shown: [Int], _ style: Style) -> String {
        var line = ""
        for index in shown {
            let cell = cells[index].cut(toColumns: widths[index] ?? 0, ellipsis: style.ellipsis)
            line += cell
            if index != shown.last {
                line += String(repeating: " ", count: max((widths[index] ?? 0) - cell.columns, 0) + Self.gap)
            }
        }
        return line
    }
}
