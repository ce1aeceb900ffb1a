/// Loads a workflow file and all files that its steps use, and reports the problems of all of them.
package struct WorkflowLoader {
    /// A workflow with the files that its steps use.
    package struct Loaded: Sendable {
        /// Nil if any of the files has an error.
        package let workflow: Workflow?
        /// The files that steps use, by their path relative to the first file, as `uses` has it in these values.
        package let files: [String: Workflow]
        /// Their texts, by the same paths.
        package let texts: [String: [UInt8]]
        /// By file, in loading order; within a file by position.
        package let diagnostics: [Diagnostic]
    }

    /// Why a file cannot be read.
    package struct Unreadable: Error {
        package var reason: String

        package init(reason: String) { self.reason = reason }
    }

    /// How deep files can be nested.
    static let maximumDepth = 8

    private let signatures: [StepSignature]
    private let read: (String) throws(Unreadable) -> [UInt8]
    private var files: [String: Workflow] = [:]
    private var texts: [String: [UInt8]] = [:]
    private var diagnostics: [Diagnostic] = []
    private var known: [String: StepSignature] = [:]
    private var hasFailed: Set<String> = []
    private let displayName: (String) -> String
    /// The path of the first file in `uses`; nil if it has none.
    private var first: String?

    /// `read` returns the text of a file that a step uses; `displayName` its name in messages.
    package init(
        signatures: [StepSignature], displayName: @escaping (String) -> String = { $0 },
        read: @escaping (String) throws(Unreadable) -> [UInt8]
    ) {
        self.signatures = signatures
        self.displayName = displayName
        self.read = read
    }

    /// `bytes` are the first file, `file` is its name in messages, and `name` its path in a `uses` next to it.
    package consuming func load(_ bytes: [UInt8], file: String, name: String? = nil) -> Loaded {
        first = name
        let checked = check(bytes, file: file, folder: "", chain: [])
        return Loaded(
            workflow: diagnostics.contains { $0.severity == .error } ? nil : checked, files: files, texts: texts,
            diagnostics: diagnostics)
    }

    /// The workflow, with the path of every file in `uses` relative to the first one.
    private mutating func check(_ bytes: [UInt8], file: String, folder: String, chain: [String]) -> Workflow? {
        let (parsed, problems) = WorkflowParser.parse(bytes, file: file)
        guard var parsed else {
            diagnostics += ValidatedWorkflow(nil, problems).diagnostics
            return nil
        }
        var collector = DiagnosticCollector(parsed.source)
        for uses in parsed.uses where StepCheck.isWorkflowFile(uses.text) {
            let path = Self.path(uses.text, in: folder)
            if let problem = load(path, at: uses, chain: chain) {
                collector.report(.unknownStepType, problem.message, at: uses.position, hint: problem.hint)
            }
        }
        parsed.resolveFiles { Self.path($0, in: folder) }
        let validator = WorkflowValidator(signatures: signatures + known.values)
        diagnostics += ValidatedWorkflow(parsed, problems + collector.diagnostics + validator.check(parsed)).diagnostics
        return parsed.workflow
    }

    private struct Problem {
        var message: String
        var hint: String?
    }

    /// Loads a file that a step uses, unless it is already loaded.
    private mutating func load(_ path: String, at uses: WorkflowFile.Name, chain: [String]) -> Problem? {
        let users = [first].compactMap(\.self) + chain
        if let start = users.firstIndex(of: path) {
            let names = (users[start...] + [path]).map(displayName).joined(separator: " → ")
            return Problem(message: "workflow files form a cycle: \(names)", hint: nil)
        }
        guard chain.count < Self.maximumDepth else {
            return Problem(
                message: "workflow files are nested more than \(Self.maximumDepth) deep",
                hint: "move the steps into fewer files")
        }
        guard known[path] == nil, !hasFailed.contains(path) else { return nil }
        do throws(Unreadable) {
            let bytes = try read(path)
            texts[path] = bytes
            let folder = path.split(separator: "/").dropLast().dropFirst().joined(separator: "/")
            let workflow = check(bytes, file: displayName(path), folder: folder, chain: chain + [path])
            files[path] = workflow
            known[path] = workflow?.signature(as: path)
            if workflow == nil { hasFailed.insert(path) }
        } catch {
            hasFailed.insert(path)
            return Problem(
                message: "cannot read workflow file \(displayName(path)): \(error.reason)",
                hint: "write the path relative to the file that uses it")
        }
        return nil
    }

    /// `./c.yml` of a file in `sub` is `./sub/c.yml`.
    private static func path(_ uses: String, in folder: String) -> String {
        let parts = (folder.split(separator: "/") + uses.split(separator: "/")).filter { $0 != "." }
        return "./" + parts.joined(separator: "/")
    }
}

extension WorkflowFile {
    /// The values of `uses`.
    fileprivate var uses: [Name] { jobs.flatMap { $0.steps.compactMap(\.uses) } }

    fileprivate mutating func resolveFiles(_ path: (String) -> String) {
        for job in workflow.jobs.indices {
            for step in workflow.jobs[job].steps.indices {
                let uses = workflow.jobs[job].steps[step].uses
                guard StepCheck.isWorkflowFile(uses) else { continue }
                workflow.jobs[job].steps[step].uses = path(uses)
                jobs[job].steps[step].uses?.text = path(uses)
            }
        }
    }
}
