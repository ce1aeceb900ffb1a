import FoundationEssentials
import TestSupport
import Testing

@testable import Engine

@Suite struct RunLocksTests {
    let folder: TemporaryFolder
    private var locks: RunLocks { RunLocks(folder: folder.path + "/locks") }

    init() throws { folder = try TemporaryFolder() }

    private func lock(_ name: String) throws -> RunLock? {
        if case .acquired(let lock) = try locks.acquire(name, holder: "run 1") { lock } else { nil }
    }

    private func holder(of name: String) throws -> String? {
        if case .heldBy(let holder) = try locks.acquire(name, holder: "run 2") { holder } else { nil }
    }

    @Test func `row 22: a lock has one holder, who can be named`() throws {
        let held = try lock("deploy a")
        #expect(held != nil)
        #expect(try holder(of: "deploy a") == "run 1, process \(ProcessInfo.processInfo.processIdentifier)")
        withExtendedLifetime(held) {}
    }

    @Test func `a lock is free again when its holder lets go`() throws {
        var held = try lock("deploy a")
        #expect(held != nil)
        held = nil
        #expect(try holder(of: "deploy a") == nil)
    }

    @Test(arguments: [
        ("deploy a", "deploy b"), ("deploy a", "deploy_a"), ("a/b", "a?b"), ("é", "è"), ("", " "),
        (String(repeating: "x", count: 200), String(repeating: "x", count: 201)),
    ])
    func `names that differ are different locks`(first: String, second: String) throws {
        let held = try lock(first)
        #expect(held != nil)
        #expect(try lock(second) != nil)
        withExtendedLifetime(held) {}
    }

    @Test func `no name leaves the folder`() throws {
        let held = try lock("../../\0etc/passwd\r\n")
        #expect(held != nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["locks"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/locks").count == 1)
        withExtendedLifetime(held) {}
    }

    @Test func `row 40: a folder that cannot be made is an error`() {
        #expect(throws: JournalError.self) { try RunLocks(folder: "/dev/null/locks").acquire("a", holder: "run 1") }
    }
}
