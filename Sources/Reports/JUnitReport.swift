import Clocks
package import Engine
import FoundationEssentials
package import WorkflowModel

/// A JUnit report: one suite for each job, one case for each step and for each phase of a rollout that a step waited
/// for. Its schema is `schema/slipway-junit.xsd`.
package struct JUnitReport: Sendable {
    private let summaries: [RunSummary]
    private let isStrict: Bool
    private let positions: [RunID: [StepAddress: SourcePosition]]
    private let pipelineURL: String?

    /// - Parameters:
    ///   - summaries: several runs share one report.
    ///   - strict: leaves out what the schema of Jenkins' xunit plugin refuses.
    ///   - positions: by run, the positions of steps in the workflow's files; those outside the repository are left out.
    ///   - pipelineURL: the page of the CI run, for the suites' properties.
    package init(
        _ summaries: [RunSummary], strict: Bool = false, positions: [RunID: [StepAddress: SourcePosition]] = [:],
        pipelineURL: String? = nil
    ) {
        self.summaries = summaries
        isStrict = strict
        self.positions = positions
        self.pipelineURL = pipelineURL
    }

    /// The document, short enough for every reader.
    package var xml: String { xml(within: JUnitLimits.maximumBytes) }

    /// At most `bytes` long, as far as that can be reached by shortening text.
    func xml(within bytes: Int) -> String {
        let suites = suites
        var result = ""
        for limits in JUnitLimits.decreasing {
            result = JUnitDocument(suites: suites, isStrict: isStrict, limits: limits).root.document
            if result.utf8.count <= bytes { break }
        }
        return result
    }

    private var suites: [TestSuite] {
        var taken: Set<String> = []
        return summaries.flatMap { summary in
            let own = summary.runID.flatMap { positions[$0] } ?? [:]
            return TestSuite.suites(of: summary, positions: own, pipelineURL: pipelineURL).map { suite in
                var suite = suite
                if summaries.count > 1, let deployment = summary.main.deployment?.name {
                    suite.name = "\(deployment) \(suite.name)"
                }
                suite.name = suite.name.asJUnitName.madeUnique(in: &taken)
                return suite
            }
        }
    }
}

/// Suites as XML, in the one dialect that all readers of JUnit files understand.
private struct JUnitDocument {
    let suites: [TestSuite]
    let isStrict: Bool
    let limits: JUnitLimits

    var root: XMLElement {
        let counts = suites.reduce(TestSuite.Counts()) { $0 + $1.counts }
        let time = suites.reduce(Duration.zero) { $0 + $1.time }
        var root = XMLElement("testsuites", [("name", "slipway")] + attributes(of: counts, time: time))
        if isStrict { root.attributes.removeAll { $0.name == "skipped" } }
        root.children = suites.enumerated().map { element(for: $1, id: $0) }
        return root
    }

    private func element(for suite: TestSuite, id: Int) -> XMLElement {
        var element = XMLElement("testsuite", [("name", short(suite.name))])
        element.attributes += attributes(of: suite.counts, time: suite.time)
        element.attributes += [
            // No zone and no fraction: the only form that every reader accepts.
            ("timestamp", String(EventTimestamp.text(from: suite.timestamp).prefix(19))),
            // The real name would leak into reports.
            ("hostname", "localhost"),
            ("id", "\(id)"),
        ]
        if !suite.properties.isEmpty {
            var properties = XMLElement("properties")
            properties.children = suite.properties.map {
                XMLElement("property", [("name", $0.name), ("value", short($0.value))])
            }
            element.children.append(properties)
        }
        element.children += suite.cases.map { self.element(for: $0, className: suite.className) }
        return element
    }

    private func element(for test: TestCase, className: String) -> XMLElement {
        var element = XMLElement(
            "testcase", [("classname", short(className)), ("name", short(test.name)), ("time", seconds(test.time))])
        if !isStrict, let position = test.position, position.isInsideRepository {
            element.attributes += [("file", short(position.repositoryFile)), ("line", "\(position.line)")]
        }
        element.children += resultElement(for: test.result).map { [$0] } ?? []
        element.children += test.flakyFailures.map(flakyFailure)
        let output = guarded(test.output, keeping: limits.output)
        if !output.isEmpty { element.children.append(XMLElement("system-out", text: output)) }
        return element
    }

    private func resultElement(for result: TestCase.Result) -> XMLElement? {
        switch result {
        case .passed: nil
        case .failed(let problem): XMLElement("failure", attributes(of: problem), text: body(problem.text))
        case .errored(let problem): XMLElement("error", attributes(of: problem), text: body(problem.text))
        case .skipped(let message): XMLElement("skipped", [("message", short(message))], text: body(message))
        }
    }

    private func flakyFailure(_ problem: TestCase.Problem) -> XMLElement {
        var element = XMLElement("flakyFailure", attributes(of: problem))
        element.children = [XMLElement("stackTrace", text: body(problem.text))]
        return element
    }

    private func attributes(of problem: TestCase.Problem) -> [(name: String, value: String)] {
        [("type", problem.type), ("message", short(problem.message))]
    }

    private func attributes(of counts: TestSuite.Counts, time: Duration) -> [(name: String, value: String)] {
        [
            ("tests", "\(counts.tests)"), ("failures", "\(counts.failures)"), ("errors", "\(counts.errors)"),
            ("skipped", "\(counts.skipped)"), ("time", seconds(time)),
        ]
    }

    /// Three decimals, at most nine digits before them.
    private func seconds(_ time: Duration) -> String {
        let milliseconds = min(max(time.milliseconds, 0), 999_999_999_999)
        return "\(milliseconds / 1000)." + String(1000 + milliseconds % 1000).dropFirst()
    }

    private func short(_ text: String) -> String {
        XMLText.clean(text.middleOmitted(keeping: limits.attribute)).onOneLine
    }

    private func body(_ text: String) -> String { guarded(text, keeping: limits.text) }

    /// Shortened before it is cleaned, which saves work. Jenkins and GitLab fetch the file that an attachment mark names,
    /// so a log must not contain one.
    private func guarded(_ text: String, keeping bytes: Int) -> String {
        XMLText.clean(text.middleOmitted(keeping: bytes))
            .replacing("[[ATTACHMENT|", with: "[[\u{200B}ATTACHMENT|")
    }
}

extension String {
    var onOneLine: String {
        split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

/// How much text a JUnit report holds. GitLab accepts 30 MB a file, libxml2 10 MB a text.
private struct JUnitLimits {
    static let maximumBytes = 20 << 20

    /// Bytes of `system-out` of a case.
    var output: Int
    /// Bytes of any other text.
    var text: Int
    /// Bytes of an attribute.
    var attribute: Int

    static let decreasing = [
        JUnitLimits(output: 64 << 10, text: 1 << 20, attribute: 4096),
        JUnitLimits(output: 4 << 10, text: 16 << 10, attribute: 1024),
        JUnitLimits(output: 0, text: 1024, attribute: 256),
    ]
}

extension String {
    /// Head and tail, with a note about the omitted bytes between them, when the text is longer than `bytes`.
    func middleOmitted(keeping bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        guard bytes > 0 else { return "" }
        let half = bytes / 2
        let head = String(decoding: utf8.prefix(half), as: UTF8.self)
        let tail = String(decoding: utf8.suffix(half), as: UTF8.self)
        return head + "\n… \(utf8.count - 2 * half) bytes omitted …\n" + tail
    }
}
