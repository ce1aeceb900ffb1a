import Files
import FoundationEssentials
import Glibc
import Testing

@Suite struct SystemErrorTextTests {
    @Test func `a folder that cannot be made is told in the system's words`() {
        do {
            try FileManager.default.createDirectory(atPath: "/proc/nothing/here", withIntermediateDirectories: true)
            Issue.record("a folder below /proc was made")
        } catch {
            #expect(SystemErrorText.text(of: error) == "No such file or directory")
        }
    }

    @Test func `a call that has failed is told in the system's words`() {
        #expect(open("/proc/nothing/here", O_RDONLY) == -1)
        #expect(SystemErrorText.ofLastCall == "No such file or directory")
        #expect(SystemErrorText.text(ofCode: EACCES) == "Permission denied")
    }

    @Test func `another error describes itself`() {
        struct Odd: Error, CustomStringConvertible { var description: String { "odd" } }
        #expect(SystemErrorText.text(of: Odd()) == "odd")
        #expect(SystemErrorText.text(of: POSIXError(.EACCES)) == "Permission denied")
    }
}
