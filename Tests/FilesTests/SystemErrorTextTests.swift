import Files
import FoundationEssentials
import Glibc
import Testing

@Suite struct SystemErrorTextTests {
    @Test func `a folder that cannot be created has the system's error text`() {
        do {
            try FileManager.default.createDirectory(atPath: "/proc/nothing/here", withIntermediateDirectories: true)
            Issue.record("a folder below /proc was made")
        } catch {
            #expect(SystemErrorText.text(of: error) == "No such file or directory")
        }
    }

    @Test func `a failed call has the system's error text`() {
        #expect(open("/proc/nothing/here", O_RDONLY) == -1)
        #expect(SystemErrorText.ofLastCall == "No such file or directory")
        #expect(SystemErrorText.text(ofCode: EACCES) == "Permission denied")
    }

    @Test func `any other error has its own description`() {
        struct Odd: Error, CustomStringConvertible { var description: String { "odd" } }
        #expect(SystemErrorText.text(of: Odd()) == "odd")
        #expect(SystemErrorText.text(of: POSIXError(.EACCES)) == "Permission denied")
    }
}
