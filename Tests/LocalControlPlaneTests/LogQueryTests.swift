import ControlPlaneTypes
import Foundation
import Testing

@testable import LocalControlPlane

struct LogQueryTests {
    private let lines = (1...5).map { number in
        LogLine(number: number, time: number * 1000, level: number == 4 ? .error : .info, message: "line \(number)")
    }

    private func numbers(_ query: LogQuery) -> [Int] {
        query.page(of: lines, kind: .build).logs.compactMap {
            $0.message.split(separator: " ").last.flatMap { Int($0) }
        }
    }

    @Test
    func `lines come in either order, page by page`() {
        #expect(numbers(LogQuery(limit: 2)) == [1, 2])
        #expect(LogQuery(limit: 2).page(of: lines, kind: .build).nextOffset == "2")
        #expect(numbers(LogQuery(limit: 2, cursor: 2)) == [3, 4])
        #expect(numbers(LogQuery(ascending: false, limit: 2, cursor: 4)) == [3, 2])
        #expect(LogQuery(limit: 5).page(of: lines, kind: .build).nextOffset == nil)
    }

    @Test
    func `lines are chosen by level, text and time`() {
        #expect(numbers(LogQuery(level: .error)) == [4])
        #expect(numbers(LogQuery(text: "LINE 2")) == [2])
        let time = (start: Date(timeIntervalSince1970: 2), end: Date(timeIntervalSince1970: 3))
        #expect(numbers(LogQuery(start: time.start, end: time.end)) == [2, 3])
    }
}
