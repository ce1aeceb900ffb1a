import Glibc
import Testing

@testable import LocalControlPlane

struct ProcessStatTests {
    @Test func `a name with blanks and parentheses does not shift the fields`() throws {
        let line = "42 (a) (b c) S 1 40 39 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 987654 1000 10\n"
        let stat = try #require(ProcessStat(line: line))
        #expect(stat.pid == 42)
        #expect(stat.state == "S")
        #expect(stat.session == 39)
        #expect(stat.startTime == 987_654)
    }

    @Test(arguments: ["", "42", "42 (a) S 1", "x (a) S 1 40 39 0 -1 4 1 0 0 0 1 2 3 4 20 0 1 0 987654 1"])
    func `a line that is no stat is refused`(line: String) {
        #expect(ProcessStat(line: line) == nil)
    }

    @Test func `this process runs, a zombie does not, and nobody has no stat`() throws {
        #expect(try #require(ProcessStat(of: getpid())).isRunning)
        let zombie = "42 (a) Z 1 40 39 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 987654 1000 10"
        #expect(try !#require(ProcessStat(line: zombie)).isRunning)
        #expect(ProcessStat(of: -1) == nil)
        #expect(ProcessStat.all().contains { $0.pid == getpid() })
    }
}
