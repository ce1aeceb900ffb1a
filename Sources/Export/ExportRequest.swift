/// An engine that files are written for.
package enum ExportEngine: String, Sendable, CaseIterable {
    case github, gitlab, temporal, argo

    /// For messages.
    package var title: String {
        switch self {
        case .github: "GitHub Actions"
        case .gitlab: "GitLab CI/CD"
        case .temporal: "Temporal"
        case .argo: "Argo Workflows"
        }
    }
}

/// What the files of a fleet shall be.
package struct ExportRequest: Sendable {
    package static let defaultTargetsPerShard = 50
    package static let defaultDiscovered = 100
    package static let defaultRunner = "ubuntu-24.04"
    package static let defaultSetupAction = "OWNER/slipway/setup@v0"

    package var engine: ExportEngine
    /// The file of targets, relative to `directory`.
    package var file: String
    /// The folder of the repository in which jobs run; empty for its root.
    package var directory = ""
    /// Where the files are written, relative to the root of the repository.
    package var folder: String
    package var targetsPerShard = defaultTargetsPerShard
    /// How many targets each discovery of the file is expected to find.
    package var discovered = defaultDiscovered
    /// The name of each wave's environment, with `{wave}` and `{fleet}`; nil for none.
    package var environment: String?
    /// Waves, by name or number, that start only after somebody approves.
    package var approvals: [String] = []
    package var runner = defaultRunner
    package var setupAction = defaultSetupAction
    /// The image of the jobs; nil for the engine's default.
    package var image: String?

    package init(engine: ExportEngine, file: String, folder: String) {
        self.engine = engine
        self.file = file
        self.folder = folder
    }
}

/// Why a fleet cannot be exported.
package struct ExportProblem: Error, Sendable, Equatable {
    package var message: String
    package var hint: String

    package init(_ message: String, hint: String) {
        self.message = message
        self.hint = hint
    }

    /// A fleet that no file for the engine can hold.
    static func tooMany(_ what: String, of engine: ExportEngine, limit: Int, _ name: String, hint: String) -> Self {
        ExportProblem("\(what): \(engine.title) allows at most \(limit) \(name)", hint: hint)
    }
}

/// A file to be written.
package struct ExportedFile: Sendable, Equatable {
    /// In the first or, as in JSON, second line of every file that may be replaced.
    package static let marker = "made by slipway export"

    /// Its name in the folder.
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// Whether a file that exists was made by this command.
    package static func isGenerated(_ text: String) -> Bool {
        text.split(separator: "\n", maxSplits: 2).prefix(2).contains { $0.firstRange(of: marker) != nil }
    }
}
