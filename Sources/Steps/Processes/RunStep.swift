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
        let (ending, tail) = try await withDeadline(of: context) {
            try await context.endEarlierPrograms()
            return try await start(commands, context)
        }
        // Before the exit code is judged: a script may say what it did and then fail.
        try putOutputs(folder, context)
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
        own[OutputFile.variable] = folder.outputPath
        let environment = ProcessEnvironment.variables(inheriting: services.processEnvironment, adding: own)
        let directory = context.workingDirectory
        let command = inputs.strings("command")
        switch (inputs.string("script"), command.first) {
        case (let script?, nil):
            let path = try folder.write(script: script)
            return [("bash", ["-eo", "pipefail", path]), ("sh", ["-e", path])].map {
                ProcessCommand(
                    $0.0, $0.1, environment: environment, trackingID: context.trackingID, workingDirectory: directory)
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

    /// The ending and the last lines.
    private func start(
        _ commands: [ProcessCommand], _ context: StepContext
    ) async throws -> (ProcessEnding, tail: [String]) {
        var unusable: StepFailure?
        for command in commands {
            do {
                return try await start(command, context)
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

    private func start(_ command: ProcessCommand, _ context: StepContext) async throws -> (ProcessEnding, [String]) {
        let output = StepOutput(context)
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
            for output in try OutputFile.parse(try folder.readOutput()) {
                context.output(output.name, .string(output.value))
            }
        } catch let problem as OutputFile.Problem {
            throw StepFailure(
                .failed, code: "InvalidOutputs", "$\(OutputFile.variable), line \(problem.line): \(problem.message)",
                hint: "write name=value, or name<<END, lines and END")
        }
    }
}

/// A folder for one try of a run step: its script, and the file in which it leaves its outputs.
struct RunFolder {
    let path: String

    var outputPath: String { path + "/output" }

    /// Throws `StepFailure` when nothing can be written there.
    init(in scratch: String) throws {
        path = scratch + "/run-\(UUID().uuidString)"
        do {
            // Outputs may be private: no other user may read them.
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data().write(to: URL(filePath: outputPath))
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
    func readOutput() throws -> String {
        guard let data = FileManager.default.contents(atPath: outputPath) else { return "" }
        guard data.count <= OutputFile.sizeLimit else {
            throw StepFailure(
                .failed, code: "InvalidOutputs",
                "$\(OutputFile.variable) holds \(data.count) bytes, more than \(OutputFile.sizeLimit)",
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
