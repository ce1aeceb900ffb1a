import Clocks
import FoundationEssentials
import Glibc
import Testing

@Suite struct SystemReasonTests {
    @Test func `a folder that cannot be made is told in the system's words`() {
        do {
            try FileManager.default.createDirectory(atPath: "/proc/nothing/here", withIntermediateDirectories: true)
            Issue.record("a folder below /proc was made")
        } catch {
            #expect(SystemReason.text(of: error) == "No such file or directory")
        }
    }

    @Test func `another error describes itself`() {
        struct Odd: Error, CustomStringConvertible { var description: String { "odd" } }
        #expect(SystemReason.text(of: Odd()) == "odd")
        #expect(SystemReason.text(of: POSIXError(.EACCES)) == "Permission denied")
    }
}
