import ControlPlaneTypes
import Foundation
import JSON
import Redaction
import Reports
import Testing

@testable import CLI

@Suite struct ResourceTableTests {
    @Test func `a column is not cut while one that goes before it is there`() {
        let layout = TableLayout(columns: [
            .init(title: "NAME", isFlexible: true), .init(title: "LAST CHANGE", isFlexible: true, dropRank: 3),
            .init(title: "SUBJECT", isFlexible: true, dropRank: 4),
        ])
        #expect(layout.fitted([12, 34, 40], into: 80) == [12, 34, 30])
        #expect(layout.fitted([12, 34, 40], into: 70) == [12, 34, 20])
        #expect(layout.fitted([12, 34, 40], into: 60) == [12, 34, nil])
        #expect(layout.fitted([12, 34, 40], into: 40) == [12, 26, nil])
        #expect(layout.fitted([40, 34, 40], into: 70) == [34, 34, nil])
    }

    @Test(arguments: [DeploymentStatus.ready, .awaitingDatabase, .awaitingFinalDelete])
    func `a list of deployments fits a narrow terminal and keeps the IDs`(
        status: DeploymentStatus
    ) {
        let widths = ResourceTable.deployments.layout.fitted([30, "\(status)".count, 15, 8, 5, 36], into: 60)
        #expect(widths.compactMap(\.self).reduce(2 * (widths.count { $0 != nil } - 1), +) <= 60)
        #expect(widths.last == 36)
    }
}

@Suite struct TableLayoutTests {
    private let layout = TableLayout(columns: [
        TableLayout.Column(title: "NAME", isFlexible: true), TableLayout.Column(title: "SOURCE", dropRank: 2),
        TableLayout.Column(title: "AGE", dropRank: 1), TableLayout.Column(title: "ID"),
    ])

    private func lines(_ rows: [[String]], width: Int?) -> [String] {
        layout.lines(rows, clean: TextSanitizer(escapesCICommands: false), style: .plain, width: width)
    }

    @Test(
        arguments: [
            ([10, 5, 3, 36], 80, [10, 5, 3, 36]), ([50, 5, 3, 36], nil, [50, 5, 3, 36]),
            ([50, 5, 3, 36], 80, [30, 5, 3, 36]), ([50, 15, 3, 36], 70, [27, nil, 3, 36]),
            ([50, 15, 3, 36], 60, [22, nil, nil, 36]), ([50, 15, 3, 36], 40, [20, nil, nil, 36]),
            ([5, 15, 3, 36], 60, [5, nil, 3, 36]),
        ] as [([Int], Int?, [Int?])])
    func `columns shrink, then are dropped by rank`(natural: [Int], width: Int?, expected: [Int?]) {
        #expect(layout.fitted(natural, into: width) == expected)
    }

    @Test func `wide characters count as two columns`() {
        let rows = [["日本", "a", "1s", "x"], ["🚀e\u{301}", "b", "2s", "y"]]
        #expect(
            lines(rows, width: nil) == [
                "NAME  SOURCE  AGE  ID", "日本  a       1s   x", "🚀e\u{301}   b       2s   y",
            ])
    }

    @Test func `a name too long for the terminal is cut`() {
        let rows = [[String(repeating: "n", count: 40), "git", "1s", "0123456789"]]
        let lines = lines(rows, width: 50)
        #expect(lines.allSatisfy { $0.columns <= 50 })
        #expect(lines.last?.hasPrefix("nnnnnnnnnnnnnnnnnnnnnn...") == true)
        #expect(lines.last?.hasSuffix("0123456789") == true)
    }

    @Test func `untrusted text in a table cannot control the terminal`() {
        let lines = lines([["a\u{1B}[2Jb\nc", "s", "1s", "x"]], width: nil)
        #expect(lines.count == 2)
        #expect(lines.last?.hasPrefix("ab c") == true)
    }

    @Test func `an outline shows values and omits empty ones`() throws {
        let text =
            #"{"a":{"b":1,"c":null,"d":""},"l":["x",2],"e":[],"o":[{"k":"v"},{"k":"w"}],"p":[{"name":"N","value":"***"}]}"#
        #expect(
            RecordOutline(try RawJSON(parsing: Data(text.utf8))).lines == [
                "a.b     1", "l       x, 2", "o[0].k  v", "o[1].k  w", "p       N=***",
            ])
    }
}
