import Clocks
import Engine
import Files
import FoundationEssentials
import WorkflowModel

/// `run`: a shell script, or a program with its arguments.
struct RunStep: Step {
    static let signature = StepSignature(
        uses: StepDefinition.runType,
        summary: "Runs a shell script (a text), or a program without a shell (a list).",
        inputs: [
            .init("script", "script for `bash -eo pipefail`, or `sh -e` without bash"),
            .init("command", "program and its arguments"),
            .init("shell", as: .choice(StepDefinition.shells), "what runs the script: bash, sh or python"),
        ])

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        let folder = try RunFolder(in: services.scratchFolder)
        defer { folder.remove() }
        let commands = try commands(folder, context)
        let masks = MaskFile(path: folder.maskPath) {
            context.registerSecret($0, named: "mask of step \(context.step)")
        }
        let (ending, tail) = try await withDeadline(of: context) {
            try await context.endEarlierPrograms()
            return try await start(commands, context, masks)
        }
        masks.read(isEnded: true)
        // Before the exit code is judged: a script may say what it did and then fail.
        try putOutputs(folder, context)
        try putEnvironment(folder, context)
        guard ending != .exited(0) else { return }
        throw StepFailure(
            .failed, code: "CommandFailed", "\(subject) failed: \(ending)",
            hint: TerminalRequest.hint(in: tail)
                ?? "see its output; it ran in \(context.workingDirectory ?? "the folder of the run")",
            details: tail)
    }

    private var subject: String {
        inputs.strings("command").first.map { "the command \($0)" } ?? "the script"
    }

    /// The first that is installed is used.
    private func commands(_ folder: RunFolder, _ context: StepContext) throws -> [ProcessCommand] {
        var own = context.environment
        own.merge(folder.variables) { $1 }
        var environment = ProcessEnvironment.variables(inheriting: services.processEnvironment, adding: own)
        if !context.searchPath.isEmpty {
            environment["PATH"] = (context.searchPath + [environment["PATH"]].compactMap(\.self)).joined(separator: ":")
        }
        let directory = context.workingDirectory
        let command = inputs.strings("command")
        switch (inputs.string("script"), command.first) {
        case (let script?, nil):
            let path = try folder.write(script: script)
            return interpreters.map {
                ProcessCommand(
                    $0.program, $0.arguments + [path], environment: environment, trackingID: context.trackingID,
                    workingDirectory: directory)
            }
        case (nil, let program?):
            return [
                ProcessCommand(
                    program, Array(command.dropFirst()), environment: environment, trackingID: context.trackingID,
                    workingDirectory: directory)
            ]
        default:
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs", "a run step needs either a script or a command",
                hint: "write run: make test, or run: [make, test]")
        }
    }

    /// What can run the script, the best first.
    private var interpreters: [(program: String, arguments: [String])] {
        switch inputs.string("shell") {
        case "bash": [("bash", ["-eo", "pipefail"])]
        case "sh": [("sh", ["-e"])]
        case "python": [("python3", []), ("python", [])]
        default: [("bash", ["-eo", "pipefail"]), ("sh", ["-e"])]
        }
    }

    /// The ending and the last lines.
    private func start(
        _ commands: [ProcessCommand], _ context: StepContext, _ masks: MaskFile
    ) async throws -> (ProcessEnding, tail: [String]) {
        var unusable: StepFailure?
        for command in commands {
            do {
                return try await start(command, context, masks)
            } catch ProcessFailure.programNotFound {
                continue
            } catch let failure as ProcessFailure {
                let problem = cannotStart(command, failure)
                guard case .programUnusable = failure else { throw problem }
                unusable = unusable ?? problem
            }
        }
        if let unusable { throw unusable }
        let names = commands.map(\.program).joined(separator: " or ")
        throw StepFailure(
            .failed, code: "CommandNotFound", "program not found: \(names)", hint: "install it, or correct PATH")
    }

    private func start(
        _ command: ProcessCommand, _ context: StepContext, _ masks: MaskFile
    ) async throws -> (ProcessEnding, [String]) {
        let output = StepOutput(context, masks)
        defer { output.flush() }
        let result = try await services.processes.run(command, started: { context.record($0) }) { output.receive($0) }
        output.flush()
        if let background = result.background {
            context.programs.add(background.program, of: context.step) {
                await background.close()
                output.flush()
            }
        }
        return (result.ending, output.tail)
    }

    private func cannotRun(_ path: String, _ fault: ProcessFailure.Fault) -> StepFailure {
        let (problem, hint) =
            switch fault {
            case .isFolder: ("\(path) is a folder", "name a program")
            case .notExecutable:
                ("\(path) is not executable", "chmod +x it and commit that, or run it with its shell")
            case .interpreterMissing:
                (
                    "\(path): interpreter not found",
                    "correct its first line: the program after #! must exist, with no carriage return after it"
                )
            }
        return StepFailure(.failed, code: "CommandNotExecutable", problem, hint: hint)
    }

    private func cannotStart(_ command: ProcessCommand, _ failure: ProcessFailure) -> StepFailure {
        let reason: String
        switch failure {
        case .programUnusable(let path, let fault): return cannotRun(path, fault)
        case .programNotFound: reason = "program not found"
        case .workingDirectoryMissing: reason = "folder not found: \(command.workingDirectory ?? ".")"
        case .other(let text): reason = text
        }
        return StepFailure(
            .failed, code: "CommandNotStarted", "\(command.program) cannot start: \(reason)",
            hint: "check the command and its working-directory")
    }

    private func putOutputs(_ folder: RunFolder, _ context: StepContext) throws {
        do {
            for output in try OutputFile.parse(try folder.read(folder.outputPath, OutputFile.variable)) {
                context.output(output.name, .string(output.value))
            }
        } catch let problem as OutputFile.Problem {
            throw invalid(OutputFile.variable, problem)
        }
    }

    /// For the later steps of the job.
    private func putEnvironment(_ folder: RunFolder, _ context: StepContext) throws {
        let path = try folder.read(folder.searchPath, OutputFile.pathVariable)
        do {
            var variables: [String: String] = [:]
            let text = try folder.read(folder.environmentPath, OutputFile.environmentVariable)
            for variable in try OutputFile.parse(text, areVariables: true) {
                variables[variable.name] = variable.value
            }
            context.recordEnvironment(variables, path: path.split(whereSeparator: \.isNewline).map(String.init))
        } catch let problem as OutputFile.Problem {
            throw invalid(OutputFile.environmentVariable, problem)
        }
    }

    private func invalid(_ variable: String, _ problem: OutputFile.Problem) -> StepFailure {
        StepFailure(
            .failed, code: "InvalidOutputs", "$\(variable), line \(problem.line): \(problem.message)",
            hint: "write name=value, or name<<END, lines and END")
    }
}

/// A folder for one try of a run step: its script, and the files in which it leaves its outputs, variables and masks.
struct RunFolder {
    let path: String

    var outputPath: String { path + "/output" }
    var environmentPath: String { path + "/environment" }
    var searchPath: String { path + "/path" }
    var maskPath: String { path + "/mask" }

    var variables: [String: String] {
        [
            OutputFile.variable: outputPath, OutputFile.environmentVariable: environmentPath,
            OutputFile.pathVariable: searchPath, MaskFile.variable: maskPath,
        ]
    }

    /// Throws `StepFailure` when nothing can be written there.
    init(in scratch: String) throws {
        path = scratch + "/run-\(UUID().uuidString)"
        do {
            // Outputs may be private: no other user may read them.
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for file in variables.values { try Data().write(to: URL(filePath: file)) }
        } catch {
            throw Self.notWritable(path, error)
        }
    }

    func write(script: String) throws -> String {
        let file = path + "/script"
        do {
            try Data(script.utf8).write(to: URL(filePath: file))
        } catch {
            throw Self.notWritable(file, error)
        }
        return file
    }

    /// Empty when the program removed the file. Throws `StepFailure` when it holds more than an output may.
    func read(_ file: String, _ variable: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: file) else { return "" }
        guard data.count <= OutputFile.sizeLimit else {
            throw StepFailure(
                .failed, code: "InvalidOutputs",
                "$\(variable) holds \(data.count) bytes, more than \(OutputFile.sizeLimit)",
                hint: "put large results in files and give their names")
        }
        return String(decoding: data, as: UTF8.self)
    }

    func remove() {
        // Left behind, it goes with the run's folder.
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func notWritable(_ path: String, _ error: any Error) -> StepFailure {
        StepFailure(
            .configurationMissing, code: "StateNotWritable",
            "cannot write in \(path): \(SystemErrorText.text(of: error))",
            hint: "set --state-dir or SLIPWAY_STATE_DIR to a folder that can be written")
    }
}
