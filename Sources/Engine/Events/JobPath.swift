/// The path of a job in a run.
///
/// A job of the run itself has a path of one id. A job of a workflow that a step uses has the path of that step before
/// its own id, outermost first: `["deploy (eu)", "smoke", "test"]`. Journals and reports show the ids joined by ` › `.
package struct JobPath: Hashable, Sendable {
    /// Not allowed in job ids, neither by the rules for names nor in the names of matrix rows.
    static let separator: Character = "›"

    /// Empty for events without a job.
    package private(set) var ids: [String]

    package init(_ ids: [String]) { self.ids = ids }

    /// A job of the run itself.
    package init(_ id: String) { ids = [id] }

    /// Parses the form of `text`.
    package init(text: String) {
        ids = text.isEmpty ? [] : text.split(separator: " \(Self.separator) ").map(String.init)
    }

    package var text: String { ids.joined(separator: " \(Self.separator) ") }

    package var isEmpty: Bool { ids.isEmpty }

    /// Whether the job is in a workflow that a step uses.
    package var isNested: Bool { ids.count > 1 }

    /// Whether the job is a row of a matrix: names of other jobs have no parentheses.
    var isRow: Bool { ids.last?.hasSuffix(")") ?? false }

    /// The id of the job in its workflow, without the name of a row.
    var group: String {
        let id = ids.last ?? ""
        return isRow ? id.firstRange(of: " (").map { String(id[..<$0.lowerBound]) } ?? id : id
    }

    /// The job of the run itself that contains this one, at any depth.
    package var outermost: JobPath { JobPath(Array(ids.prefix(1))) }

    /// Whether the job is in a workflow that a step of `outer` uses, at any depth.
    package func isInside(_ outer: JobPath) -> Bool { ids.count > outer.ids.count && ids.starts(with: outer.ids) }

    /// The common path of the jobs in a workflow that this job's step uses.
    ///
    /// Each generation of the step has its own path; an attempt and those that continue it after an interruption are one
    /// generation.
    func step(_ step: String, generation: Int) -> JobPath {
        JobPath(ids + [generation > 1 ? "\(step) #\(generation)" : step])
    }

    func prefixed(by path: JobPath) -> JobPath { JobPath(path.ids + ids) }

    /// The path relative to the workflow at `path`; nil for jobs outside it.
    func relative(to path: JobPath) -> JobPath? {
        isInside(path) ? JobPath(Array(ids.dropFirst(path.ids.count))) : nil
    }
}

extension JobPath: ExpressibleByStringInterpolation, CustomStringConvertible {
    package init(stringLiteral text: String) { self.init(text: text) }

    package var description: String { text }
}

extension JobPath: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(text: try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
