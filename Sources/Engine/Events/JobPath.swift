/// The place of a job in a run.
///
/// A job of the run itself has a path of one id. A job of a workflow that a step uses has the path of that step before
/// its own id, outermost first: `["deploy (eu)", "smoke", "test"]`. Journals and reports show the ids joined by ` › `.
package struct JobPath: Hashable, Sendable {
    /// No job has this character in its id: neither the rules for names nor the rows of a matrix allow it.
    static let separator: Character = "›"

    /// Empty for what belongs to no job.
    package private(set) var ids: [String]

    package init(_ ids: [String]) { self.ids = ids }

    /// A job of the run itself.
    package init(_ id: String) { ids = [id] }

    /// Reads what `text` gives.
    package init(text: String) {
        ids = text.isEmpty ? [] : text.split(separator: " \(Self.separator) ").map(String.init)
    }

    package var text: String { ids.joined(separator: " \(Self.separator) ") }

    package var isEmpty: Bool { ids.isEmpty }

    /// Whether the job is in a workflow that a step uses.
    package var isNested: Bool { ids.count > 1 }

    /// The job of the run itself that contains this one, at any depth.
    package var outermost: JobPath { JobPath(Array(ids.prefix(1))) }

    /// Whether the job is in a workflow that a step of `outer` uses, at any depth.
    package func isInside(_ outer: JobPath) -> Bool { ids.count > outer.ids.count && ids.starts(with: outer.ids) }

    /// The path that all jobs of the workflow begin with that this job's step uses.
    ///
    /// Every generation of the step is a place of its own; attempts that an interruption cut in two are one generation.
    func step(_ step: String, generation: Int) -> JobPath {
        JobPath(ids + [generation > 1 ? "\(step) #\(generation)" : step])
    }

    func prefixed(by path: JobPath) -> JobPath { JobPath(path.ids + ids) }

    /// The path as the workflow at `path` sees it; nil for jobs elsewhere.
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
