/// Reads a workflow file and all those that its steps use, and finds every problem in any of them.
package struct WorkflowLoader {
    /// What a path in `uses` leads to.
    package struct Loaded: Sendable {
        /// Nil as soon as there is one error in any of the files.
        package let workflow: Workflow?
        /// The files that steps use, by the path that `uses` has in the values here: as it is seen from the first file.
        package let files: [String: Workflow]
        /// Their texts, under the same names.
        package let texts: [String: [UInt8]]
        /// By file, in the order they were met, and in the order of each file.
        package let diagnostics: [Diagnostic]
    }

    /// Why a file has no text, for people.
    package struct Unreadable: Error {
        package var reason: String

        package init(reason: String) { self.reason = reason }
    }

    /// How deep files may use one another; deeper ones are a mistake rather than a plan.
    static let maximumDepth = 8

    private let signatures: [StepSignature]
    private let read: (String) throws(Unreadable) -> [UInt8]
    private var files: [String: Workflow] = [:]
    private var texts: [String: [UInt8]] = [:]
    private var diagnostics: [Diagnostic] = []
    private var known: [String: StepSignature] = [:]
    private var hasFailed: Set<String> = []
    private let displayName: (String) -> String
    /// What the first file is called by `uses`, where it can be used.
    private var first: String?

    /// `read` gives the text of a file that a step uses; `displayName` what messages call it.
    package init(
        signatures: [StepSignature], displayName: @escaping (String) -> String = { $0 },
        read: @escaping (String) throws(Unreadable) -> [UInt8]
    ) {
        self.signatures = signatures
        self.displayName = displayName
        self.read = read
    }

    /// `bytes` are the first file, `file` is what messages call it, and `name` what `uses` beside it would.
    package consuming func load(_ bytes: [UInt8], file: String, name: String? = nil) -> Loaded {
        first = name
        let checked = check(bytes, file: file, folder: "", chain: [])
        return Loaded(
            workflow: diagnostics.contains { $0.severity == .error } ? nil : checked, files: files, texts: texts,
            diagnostics: diagnostics)
    }

    /// The workflow with every `uses` that names a file as it is seen from the first one.
    private mutating func check(_ bytes: [UInt8], file: String, folder: String, chain: [String]) -> Workflow? {
        let (parsed, problems) = WorkflowParser.parse(bytes, file: file)
        guard var parsed else {
            diagnostics += ValidatedWorkflow(nil, problems).diagnostics
            return nil
        }
        var collector = DiagnosticCollector(parsed.source)
        for place in parsed.uses where StepCheck.isWorkflowFile(place.text) {
            let path = Self.path(place.text, in: folder)
            if let problem = load(path, at: place, chain: chain) {
                collector.report(.unknownStepType, problem.message, at: place.position, hint: problem.hint)
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

    /// Reads one that a step uses, unless it was read before.
    private mutating func load(_ path: String, at place: WorkflowFile.Name, chain: [String]) -> Problem? {
        let users = [first].compactMap(\.self) + chain
        if let start = users.firstIndex(of: path) {
            let names = (users[start...] + [path]).map(displayName).joined(separator: " → ")
            return Problem(message: "workflow files use one another in a circle: \(names)", hint: nil)
        }
        guard chain.count < Self.maximumDepth else {
            return Problem(
                message: "workflow files use one another more than \(Self.maximumDepth) deep",
                hint: "put the steps into fewer files")
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
                message: "the workflow file \(displayName(path)) cannot be read: \(error.reason)",
                hint: "its path is relative to the file that uses it")
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
    /// What stands after `uses`.
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
