import Engine
import Files
import FoundationEssentials
import Glibc
import Steps
import WorkflowModel

/// A workflow file on disk, and those that its steps use.
struct WorkflowSource: Sendable {
    let path: String
    /// Where files are that steps use by a path like `./smoke.yml`; nil for the folder of the file itself.
    var filesFolder: String?

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
            signatures: BuiltinSteps.signatures, displayName: { shown(place(of: $0)) },
            read: { name throws(WorkflowLoader.Unreadable) in try Self.read(place(of: name)) })
        // The kept copy of a run has a name of its own, beside the files it uses.
        let name = filesFolder == nil ? path.split(separator: "/").last.map { "./\($0)" } : nil
        return loader.load(bytes, file: path, name: name)
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

    private func place(of name: String) -> String {
        let folder = filesFolder ?? ParentFolder.path(of: path)
        return "\(folder == "/" ? "" : folder)/\(name.dropFirst(2))"
    }

    private func shown(_ path: String) -> String { path.hasPrefix("./") ? String(path.dropFirst(2)) : path }

    fileprivate static func read(_ path: String) throws(WorkflowLoader.Unreadable) -> [UInt8] {
        guard access(path, R_OK) == 0 else { throw .init(reason: SystemReason.ofLastCall) }
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
    func keepCopies(_ run: RunID, in state: StateFolder) throws {
        guard let source else { return }
        let copy = state.workflowCopy(of: run)
        do {
            try Data(try WorkflowSource.read(source.path)).write(to: URL(fileURLWithPath: copy))
            for (name, text) in texts {
                let place = "\(state.workflowFiles(of: run))/\(name.dropFirst(2))"
                try FileManager.default.createDirectory(
                    atPath: ParentFolder.path(of: place), withIntermediateDirectories: true)
                try Data(text).write(to: URL(fileURLWithPath: place))
            }
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable", "the workflow cannot be kept in \(copy): \(SystemReason.text(of: error))",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a folder that can be written")
        }
    }

    /// The workflow as a run keeps it; nil when it was a built-in one.
    static func kept(of run: RunID, in state: StateFolder) throws -> LoadedWorkflow? {
        let copy = state.workflowCopy(of: run)
        guard FileManager.default.fileExists(atPath: copy) else { return nil }
        return try WorkflowSource(path: copy, filesFolder: state.workflowFiles(of: run)).load()
    }
}
