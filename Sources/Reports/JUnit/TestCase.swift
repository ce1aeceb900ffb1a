import Clocks
import Engine

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

/// Where in a workflow file a step stands.
package struct SourcePosition: Sendable, Equatable {
    /// Relative to the root of the repository.
    package var file: String
    package var line: Int

    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    var isInsideRepository: Bool {
        !file.hasPrefix("/") && !file.split(separator: "/").contains("..")
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
        let oneLine = message.cut(toScalars: UntrustedText.maximumLineLength).onOneLine
        self.type = Self.identifier(type)
        self.message = oneLine
        let shortened = lines.map { $0.cut(toScalars: UntrustedText.maximumLineLength) }
        text = ([oneLine] + shortened).joined(separator: "\n")
    }

    private static func identifier(_ text: String) -> String {
        let letters = text.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.drop { $0.isNumber }
        return letters.isEmpty ? "Failed" : letters.prefix(1).uppercased() + letters.dropFirst()
    }
}
