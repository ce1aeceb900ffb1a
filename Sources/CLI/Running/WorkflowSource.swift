import Engine
import Files
import Fleet
import FoundationEssentials
import Glibc
import Reports
import Steps
import WorkflowModel

/// A workflow file on disk, and the files that its steps use.
struct WorkflowSource: Sendable {
    let path: String
    /// Set for the snapshot of a run, whose name and files differ from the original.
    var snapshot: Original?

    /// The original of a snapshot.
    struct Original: Sendable {
        /// The folder of the snapshots of files that steps use by a path like `./smoke.yml`.
        var files: String
        /// The path of the file when its run began; nil when unknown.
        var origin: String?
    }

    /// A checked workflow, and the text of its first file: a pipe is read only once.
    struct Checked: Sendable {
        let loaded: WorkflowLoader.Loaded
        let text: [UInt8]
    }

    private func check() throws(StepFailure) -> Checked {
        let text = try text()
        return Checked(loaded: validate(text), text: text)
    }

    /// The text of the first file, which of a pipe can be read once.
    func text() throws(StepFailure) -> [UInt8] {
        do throws(WorkflowLoader.Unreadable) {
            return try Self.read(path)
        } catch {
            throw StepFailure(
                .usage, code: "WorkflowUnreadable", "cannot read the workflow file '\(path)': \(error.reason)",
                hint: "check the path and permissions of the file")
        }
    }

    /// Every problem of the files; `bytes` are the first one.
    func validate(_ bytes: [UInt8]) -> WorkflowLoader.Loaded {
        let loader = WorkflowLoader(
            signatures: BuiltinSteps.signatures, displayName: { shown(place(of: $0, in: namedFolder)) },
            read: { name throws(WorkflowLoader.Unreadable) in try Self.read(place(of: name, in: filesFolder)) })
        let name = snapshot == nil && isFile ? path.split(separator: "/").last.map { "./\($0)" } : nil
        return loader.load(bytes, file: snapshot?.origin ?? shownPath, name: name)
    }

    /// The workflow and the files it uses; throws `StepFailure` (65) with every problem when there is any.
    func load() throws -> LoadedWorkflow {
        let source = try check()
        let checked = source.loaded
        let text = checked.diagnostics.map(\.text).joined(separator: "\n\n")
        if !text.isEmpty { StandardError.write(text + "\n\n") }
        guard let workflow = checked.workflow else {
            let count = checked.diagnostics.filter { $0.severity == .error }.count
            throw StepFailure(
                .invalidWorkflow, code: "InvalidWorkflow",
                "invalid workflow file: \(path) (\(count) \(count == 1 ? "problem" : "problems"))",
                hint: "fix the file and check it with slipway validate \(path)")
        }
        return LoadedWorkflow(workflow, checked: source, from: self)
    }

    /// The workflow; nil when there is a problem, which is not printed.
    var validWorkflow: LoadedWorkflow? {
        guard let checked = try? check(), let workflow = checked.loaded.workflow else { return nil }
        return LoadedWorkflow(workflow, checked: checked, from: self)
    }

    /// False for standard input and pipes, which have no folder of their own and are read once.
    private var isFile: Bool {
        var status = stat()
        return path != "-" && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Its name in messages.
    private var shownPath: String { path == "-" ? "<stdin>" : path }

    private var filesFolder: String { snapshot?.files ?? (isFile ? ParentFolder.path(of: path) : ".") }

    /// The folder of the files that steps use, as messages and reports show it.
    private var namedFolder: String { snapshot?.origin.map(ParentFolder.path) ?? filesFolder }

    /// Whether its positions are in files of the user.
    var namesItsFiles: Bool { snapshot.map { $0.origin != nil } ?? isFile }

    /// The absolute path of the user's file; nil if there is none.
    fileprivate var absolutePath: String? {
        guard isFile else { return nil }
        return WorkingDirectory.absolute(path)
    }

    private func place(of name: String, in folder: String) -> String {
        "\(folder == "/" ? "" : folder)/\(name.dropFirst(2))"
    }

    private func shown(_ path: String) -> String { path.hasPrefix("./") ? String(path.dropFirst(2)) : path }

    static func read(_ path: String) throws(WorkflowLoader.Unreadable) -> [UInt8] {
        do throws(InputFile.Problem) {
            return try InputFile().bytes(of: path)
        } catch {
            throw .init(reason: error.description)
        }
    }
}

/// A workflow ready to run, with what it was read from.
struct LoadedWorkflow: Sendable {
    var workflow: Workflow
    /// The files that steps use, by the path in `uses`.
    let files: [String: Workflow]
    /// Set for the workflow that a fleet was compiled to.
    private(set) var fleet: FleetRun?
    private let source: WorkflowSource?
    private let text: [UInt8]
    private let texts: [String: [UInt8]]

    fileprivate init(_ workflow: Workflow, checked: WorkflowSource.Checked, from source: WorkflowSource) {
        self.workflow = workflow
        self.source = source
        files = checked.loaded.files
        text = checked.text
        texts = checked.loaded.texts
    }

    /// A built-in workflow.
    init(builtIn workflow: Workflow) {
        self.workflow = workflow
        files = [:]
        source = nil
        text = []
        texts = [:]
    }

    init(fleet: FleetRun) {
        self.init(builtIn: fleet.workflow)
        self.fleet = fleet
    }

    var isFromFile: Bool { source != nil }

    private var all: [Workflow] { [workflow] + files.values }

    /// The secrets that it or a file it uses names.
    var secretNames: SecretNames { all.reduce(into: SecretNames()) { $0.formUnion($1.secretNames) } }

    /// Whether any of its steps uses the control plane of the run.
    var reachesControlPlane: Bool {
        if let fleet { return fleet.needsConnectionOfRun }
        return all.contains { $0.jobs.contains { $0.steps.contains { BuiltinSteps.usesControlPlaneOfRun($0) } } }
    }

    /// Saves the files, so that an interrupted run is resumed with the same workflow.
    func save(to snapshot: WorkflowSnapshot) throws {
        if let source { try snapshot.save(text, at: source.absolutePath, texts) }
        if let fleet { try snapshot.save(fleet) }
    }

    /// The positions of the steps, with paths as a CI system names them; empty for a built-in workflow.
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

/// The copies of a workflow's files beside the journal of a run: a resumed run uses them, and a report that is written
/// again names their lines.
struct WorkflowSnapshot: Sendable {
    /// The folder of the run.
    let folder: String

    private var copy: String { folder + "/workflow.yml" }
    /// The files that steps use, by their paths.
    private var files: String { folder + "/files" }
    /// Holds the path of the workflow when the run began.
    private var origin: String { folder + "/workflow.path" }

    /// Nil for a built-in workflow, which has no copy.
    var source: WorkflowSource? {
        guard FileManager.default.fileExists(atPath: copy) else { return nil }
        let path = FileManager.default.contents(atPath: origin).map { String(decoding: $0, as: UTF8.self) }
        return WorkflowSource(path: copy, snapshot: WorkflowSource.Original(files: files, origin: path))
    }

    /// Saves the files as they were read; `path` is nil for one without a path. Throws `StepFailure` (78) when it cannot.
    func save(_ text: [UInt8], at path: String?, _ texts: [String: [UInt8]]) throws {
        do {
            try Data(text).write(to: URL(fileURLWithPath: copy))
            if let path { try Data(path.utf8).write(to: URL(fileURLWithPath: origin)) }
            for (name, text) in texts {
                let file = "\(files)/\(name.dropFirst(2))"
                try FileManager.default.createDirectory(
                    atPath: ParentFolder.path(of: file), withIntermediateDirectories: true)
                try Data(text).write(to: URL(fileURLWithPath: file))
            }
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable",
                "cannot save the workflow in \(copy): \(SystemErrorText.text(of: error))",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a writable directory")
        }
    }
}
