import Engine
import Files
import FoundationEssentials
import Glibc
import Reports
import Steps
import WorkflowModel

/// A workflow file on disk, and those that its steps use.
struct WorkflowSource: Sendable {
    let path: String
    /// Set for the copy that a run keeps, which has a name of its own and the files it uses elsewhere.
    var kept: Kept?

    /// What a copy is a copy of.
    struct Kept: Sendable {
        /// Where the files are that steps use by a path like `./smoke.yml`.
        var files: String
        /// The path of the file itself when its run began; nil where that is not known.
        var origin: String?
    }

    /// Every problem of the files; throws `StepFailure` when the first one cannot be read.
    func validate() throws(StepFailure) -> WorkflowLoader.Loaded {
        let bytes: [UInt8]
        do throws(WorkflowLoader.Unreadable) {
            bytes = try Self.read(path)
        } catch {
            throw StepFailure(
                .usage, code: "WorkflowUnreadable", "the workflow file '\(path)' cannot be read: \(error.reason)",
                hint: "name a file that exists and that you may read")
        }
        let loader = WorkflowLoader(
            signatures: BuiltinSteps.signatures, displayName: { shown(place(of: $0, in: namedFolder)) },
            read: { name throws(WorkflowLoader.Unreadable) in try Self.read(place(of: name, in: filesFolder)) })
        let name = kept == nil ? path.split(separator: "/").last.map { "./\($0)" } : nil
        return loader.load(bytes, file: kept?.origin ?? path, name: name)
    }

    /// The workflow and the files it uses; throws `StepFailure` (65) with every problem when there is any.
    func load() throws -> LoadedWorkflow {
        let checked = try validate()
        let text = checked.diagnostics.map(\.text).joined(separator: "\n\n")
        if !text.isEmpty { StandardError.write(text + "\n\n") }
        guard let workflow = checked.workflow else {
            let count = checked.diagnostics.filter { $0.severity == .error }.count
            throw StepFailure(
                .invalidWorkflow, code: "InvalidWorkflow",
                "\(path) has \(count) \(count == 1 ? "problem" : "problems"); nothing was run",
                hint: "correct the file; slipway validate \(path) checks it again")
        }
        return LoadedWorkflow(workflow: workflow, files: checked.files, source: self, texts: checked.texts)
    }

    /// The same, without a word; nil when there is a problem.
    var sound: LoadedWorkflow? {
        guard let checked = try? validate(), let workflow = checked.workflow else { return nil }
        return LoadedWorkflow(workflow: workflow, files: checked.files, source: self, texts: checked.texts)
    }

    private var filesFolder: String { kept?.files ?? ParentFolder.path(of: path) }

    /// The folder of the files that steps use, as messages and reports know it.
    private var namedFolder: String { kept?.origin.map(ParentFolder.path) ?? filesFolder }

    /// Whether its positions are of files that people know.
    var namesItsFiles: Bool { kept == nil || kept?.origin != nil }

    private func place(of name: String, in folder: String) -> String {
        "\(folder == "/" ? "" : folder)/\(name.dropFirst(2))"
    }

    private func shown(_ path: String) -> String { path.hasPrefix("./") ? String(path.dropFirst(2)) : path }

    static func read(_ path: String) throws(WorkflowLoader.Unreadable) -> [UInt8] {
        guard access(path, R_OK) == 0 else { throw .init(reason: SystemErrorText.ofLastCall) }
        guard let data = FileManager.default.contents(atPath: path) else { throw .init(reason: "it is no file") }
        return Array(data)
    }
}

/// A workflow ready to run, with what it was read from.
struct LoadedWorkflow: Sendable {
    var workflow: Workflow
    /// Those that steps use, by the path they use.
    let files: [String: Workflow]
    private let source: WorkflowSource?
    private let texts: [String: [UInt8]]

    fileprivate init(workflow: Workflow, files: [String: Workflow], source: WorkflowSource, texts: [String: [UInt8]]) {
        self.workflow = workflow
        self.files = files
        self.source = source
        self.texts = texts
    }

    /// One that is part of the program.
    init(builtIn workflow: Workflow) {
        self.workflow = workflow
        files = [:]
        source = nil
        texts = [:]
    }

    var isFromFile: Bool { source != nil }

    private var all: [Workflow] { [workflow] + files.values }

    /// The secrets that it names, itself or in a file it uses.
    var secretNames: Set<String> { all.reduce(into: []) { $0.formUnion($1.secretNames) } }

    /// Whether any of its steps talks to the control plane.
    var reachesControlPlane: Bool {
        all.contains { $0.usedTypes.contains { BuiltinSteps.access(of: $0) != .none } }
    }

    /// Keeps what the files say now, so that a run that was cut off goes on with the same workflow.
    func keep(_ kept: WorkflowSnapshot) throws {
        if let source { try kept.keep(source.path, texts) }
    }

    /// Where the steps of a run stand, as a CI system names files; nothing for a workflow without a file of its own.
    func positions(of summary: RunSummary, _ environment: [String: String]) -> [StepAddress: SourcePosition] {
        guard let source, source.namesItsFiles else { return [:] }
        let workspace = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].compactMap { environment.nonEmpty($0) }.first
        let folder = FileManager.default.currentDirectoryPath
        let places = StepPositions(workflow, files: files) {
            RepositoryPath.name(of: $0, from: folder, root: workspace)
        }
        return places.positions(of: summary)
    }
}

/// The files of a workflow as a run keeps them beside its journal: one that was cut off goes on with the same, and a
/// report that is made again names their lines.
struct WorkflowSnapshot: Sendable {
    /// The folder of the run.
    let folder: String

    private var copy: String { folder + "/workflow.yml" }
    /// Those that steps use, by their paths.
    private var files: String { folder + "/files" }
    /// Says where the workflow lay when the run began.
    private var origin: String { folder + "/workflow.path" }

    /// Nil where nothing was kept, as of a built-in workflow.
    var source: WorkflowSource? {
        guard FileManager.default.fileExists(atPath: copy) else { return nil }
        let path = FileManager.default.contents(atPath: origin).map { String(decoding: $0, as: UTF8.self) }
        return WorkflowSource(path: copy, kept: WorkflowSource.Kept(files: files, origin: path))
    }

    /// What the files say now. Throws `StepFailure` (78) when it cannot be kept.
    func keep(_ path: String, _ texts: [String: [UInt8]]) throws {
        do {
            try Data(try WorkflowSource.read(path)).write(to: URL(fileURLWithPath: copy))
            let place = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
            try Data(place.utf8).write(to: URL(fileURLWithPath: origin))
            for (name, text) in texts {
                let file = "\(files)/\(name.dropFirst(2))"
                try FileManager.default.createDirectory(
                    atPath: ParentFolder.path(of: file), withIntermediateDirectories: true)
                try Data(text).write(to: URL(fileURLWithPath: file))
            }
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable",
                "the workflow cannot be kept in \(copy): \(SystemErrorText.text(of: error))",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a folder that can be written")
        }
    }
}
