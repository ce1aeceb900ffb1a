import Foundation
import Testing

@Suite struct FailureRowsTests {
    @Test func `docs/failures.md has every row once`() throws {
        let document = URL(filePath: #filePath).appending(path: "../../../docs/failures.md").standardizedFileURL
        let rows = try String(contentsOf: document, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.split(separator: "|").first.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        }
        #expect(rows.sorted() == Array(1...55))
    }
}
