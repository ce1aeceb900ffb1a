import Clocks
import Engine
import Redaction
import WorkflowModel

/// One row of a JUnit report.
struct TestCase {
    struct Problem {
        /// An UpperCamel identifier: GitLab casts by some other words and then drops the whole report.
        var type: String
        /// One line.
        var message: String
        /// Starts with the message: where there is text, GitLab shows nothing else.
        var text: String
    }

    enum Result {
        case passed
        /// The answer is no.
        case failed(Problem)
        /// We could not tell.
        case errored(Problem)
        case skipped(String)
    }

    /// The same in every run, unique in its suite and class.
    var name: String
    var time: Duration
    var result: Result
    /// What went wrong in earlier tries of a step that passed.
    var flakyFailures: [Problem] = []
    var output = ""
    var position: SourcePosition?
}

extension SourcePosition {
    /// Whether the file is named relative to the repository's root and lies below it.
    var isInsideRepository: Bool {
        !file.isEmpty && !file.hasPrefix("/") && !file.split(separator: "/").contains("..")
    }

    /// The file as readers of reports want it: without `./`.
    var repositoryFile: String {
        var file = file[...]
        while file.hasPrefix("./") { file = file.dropFirst(2).drop { $0 == "/" } }
        return String(file)
    }
}

extension TestCase.Problem {
    init(_ failure: StepFailure, earlier: [StepFailure] = []) {
        var lines = failure.hint.map { ["hint: \($0)"] } ?? []
        lines += failure.details
        for (index, failure) in earlier.enumerated() {
            lines.append("try \(index + 1): \(failure.code): \(failure.message)")
        }
        self.init(type: failure.code, message: failure.message, lines: lines)
    }

    init(type: String, message: String, lines: [String] = []) {
        let oneLine = message.cut(toScalars: TextSanitizer.maximumLineLength).onOneLine
        self.type = Self.identifier(type)
        self.message = oneLine
        let shortened = lines.map { $0.cut(toScalars: TextSanitizer.maximumLineLength) }
        text = ([oneLine] + shortened).joined(separator: "\n")
    }

    private static func identifier(_ text: String) -> String {
        let letters = text.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.drop { $0.isNumber }
        return letters.isEmpty ? "Failed" : letters.prefix(1).uppercased() + letters.dropFirst()
    }
}
