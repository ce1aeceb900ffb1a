import Clocks
import Engine
import FoundationEssentials
import WorkflowModel

/// Suites as XML, in the one dialect that all readers of JUnit files understand.
struct JUnitDocument {
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
            // No zone and no fraction: the only form that every reader takes.
            ("timestamp", String(EventTimestamp.text(from: suite.timestamp).prefix(19))),
            // The real one is nobody's business.
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

    /// Cut before it is cleaned, for what is cut off needs no cleaning. Jenkins and GitLab fetch the file that an
    /// attachment's mark names, so none may come out of a log.
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
