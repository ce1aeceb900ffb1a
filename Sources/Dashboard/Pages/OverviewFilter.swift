/// Which deployments the overview shows, and in which order: the query of its address.
struct OverviewFilter: Sendable, Equatable {
    enum Show: String, Sendable, CaseIterable {
        case all, attention, underWay = "under-way", failed, drift

        var title: String {
            switch self {
            case .all: "All"
            case .attention: "Needs attention"
            case .underWay: "In progress"
            case .failed: "Failed"
            case .drift: "Drift"
            }
        }

        func includes(_ row: DeploymentRow) -> Bool {
            switch self {
            case .all: true
            case .attention: row.needsAttention
            case .underWay: row.health == .underWay
            case .failed: row.health == .failed
            case .drift: !row.drift.isEmpty
            }
        }
    }

    enum Sort: String, Sendable, CaseIterable {
        case attention, name, newest

        var title: String {
            switch self {
            case .attention: "Needs attention first"
            case .name: "Name"
            case .newest: "Newest change first"
            }
        }
    }

    var query = ""
    var show = Show.all
    var sort = Sort.attention

    /// Unknown values count as missing.
    init(query: String = "", show: String? = nil, sort: String? = nil) {
        self.query = String(query.prefix(200))
        self.show = show.flatMap(Show.init) ?? .all
        self.sort = sort.flatMap(Sort.init) ?? .attention
    }

    /// The address of the overview, without what is usual.
    func path(showing other: Show? = nil, at base: String = "/") -> String {
        var parts: [String] = []
        if !query.isEmpty { parts.append("q=" + PageParts.encoded(query)) }
        if (other ?? show) != .all { parts.append("show=" + (other ?? show).rawValue) }
        if sort != .attention { parts.append("sort=" + sort.rawValue) }
        return base + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&"))
    }

    /// The rows to show, in order.
    func apply(_ rows: [DeploymentRow]) -> [DeploymentRow] {
        found(rows).filter(show.includes).sorted(by: precedes)
    }

    /// How many rows there would be.
    func count(_ rows: [DeploymentRow], showing other: Show) -> Int { found(rows).count(where: other.includes) }

    /// Each word is somewhere: in the name, the commit, its subject or author, or a finding.
    private func found(_ rows: [DeploymentRow]) -> [DeploymentRow] {
        let words = query.lowercased().split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty else { return rows }
        return rows.filter { row in
            let texts = Self.texts(of: row).map { $0.lowercased() }
            return words.allSatisfy { word in texts.contains { $0.firstRange(of: word) != nil } }
        }
    }

    private static func texts(of row: DeploymentRow) -> [String] {
        let revision = row.active
        let known = [
            row.name, row.branch, revision?.commitSha, revision?.subject, revision?.author, revision?.image,
            revision?.id, row.latest?.commitSha, row.latest?.status, row.lastChange?.actor, row.lastChange?.reason,
        ]
        return known.compactMap(\.self) + (row.findings ?? [])
    }

    private func precedes(_ one: DeploymentRow, _ other: DeploymentRow) -> Bool {
        let names = (one.name.lowercased(), other.name.lowercased())
        switch sort {
        case .name: break
        case .attention:
            let ranks = (Self.rank(one), Self.rank(other))
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        case .newest:
            let times = (Self.lastChange(one), Self.lastChange(other))
            if times.0 != times.1 { return times.0 > times.1 }
        }
        return names.0 == names.1 ? one.id < other.id : names.0 < names.1
    }

    private static func rank(_ row: DeploymentRow) -> Int {
        switch row.health {
        case .failed: 0
        case .underWay: 1
        case .never: 2
        case .live: row.drift.isEmpty ? 4 : 3
        }
    }

    /// Times in one form and time zone, which sort as text.
    private static func lastChange(_ row: DeploymentRow) -> String {
        let times = [row.lastChange?.at, row.latest?.createdAt, row.active?.liveSince, row.active?.createdAt]
        return times.compactMap(\.self).max() ?? ""
    }
}
