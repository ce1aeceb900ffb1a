import FoundationEssentials
import Redaction

/// A job's rows in a JUnit report.
struct TestSuite {
    var name: String
    var className: String
    var time: Duration
    var timestamp: Date
    var properties: [(name: String, value: String)] = []
    var cases: [TestCase]

    struct Counts {
        var tests = 0
        var failures = 0
        var errors = 0
        var skipped = 0

        static func + (left: Counts, right: Counts) -> Counts {
            Counts(
                tests: left.tests + right.tests, failures: left.failures + right.failures,
                errors: left.errors + right.errors, skipped: left.skipped + right.skipped)
        }
    }

    var counts: Counts {
        var counts = Counts()
        for test in cases {
            counts.tests += 1
            switch test.result {
            case .passed: break
            case .failed: counts.failures += 1
            case .errored: counts.errors += 1
            case .skipped: counts.skipped += 1
            }
        }
        return counts
    }

    /// GitLab keeps only the first of several cases of one name.
    mutating func makeNamesUnique() {
        var taken: Set<String> = []
        for index in cases.indices { cases[index].name = cases[index].name.asJUnitName.madeUnique(in: &taken) }
    }
}

extension String {
    /// As the name stands in the file, so that what differs here differs there. Azure cuts at 512.
    var asJUnitName: String { XMLText.clean(onOneLine.cut(toScalars: 400)) }

    func madeUnique(in taken: inout Set<String>) -> String {
        var candidate = self
        var number = 2
        while !taken.insert(candidate).inserted {
            candidate = "\(self) (\(number))"
            number += 1
        }
        return candidate
    }
}
