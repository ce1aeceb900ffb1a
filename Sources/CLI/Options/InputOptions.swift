import ArgumentParser
import Engine
import Steps
import WorkflowModel

/// The inputs of a workflow file, and which of its jobs are meant.
struct InputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A value for an input of the workflow; repeatable.", valueName: "name=value"))
    var input: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file with a name=value on each line; empty lines and # comments are passed over.", valueName: "path"),
        completion: .file())
    var inputFile: String?

    @Option(help: ArgumentHelp("Run only this job and what it needs; repeatable.", valueName: "job"))
    var job: [String] = []

    /// Throws `StepFailure` (64) naming every problem at once.
    func values(for workflow: Workflow, _ flags: RunFlags) throws -> [String: Value] {
        try InputAssignments(pairs: input, fileLines: try fileLines(), flags: flags.inputs(of: workflow)).values(
            for: workflow)
    }

    private func fileLines() throws -> [String] {
        guard let inputFile else { return [] }
        let text: String
        do {
            text = try ReadableFile.text(at: inputFile)
        } catch {
            throw StepFailure(
                .usage, code: "InputFileUnreadable", "the file '\(inputFile)' of --input-file cannot be read: \(error)",
                hint: "name a text file that exists and that you may read")
        }
        // Editors of Windows put a byte order mark before the first line.
        let lines = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
        return lines.split(whereSeparator: \.isNewline).map(String.init).filter { line in
            !line.hasPrefix("#") && !line.allSatisfy(\.isWhitespace)
        }
    }
}
