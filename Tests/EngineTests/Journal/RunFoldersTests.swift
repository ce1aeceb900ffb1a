import FoundationEssentials
import TestSupport
import Testing

@testable import Engine

@Suite struct RunDirectoriesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var left: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    private func journal(_ name: String) throws -> FileJournal {
        try FileJournal(creating: RunDirectories.journal(in: "\(folder.path)/\(name)"))
    }

    @Test func `the newest runs are kept, older ones are removed with all they hold`() throws {
        for day in 1...7 { _ = try journal("2026010\(day)-x") }
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.path + "/20260101-x/workflow.yml"))
        RunDirectories(folder.path).removeOld(keeping: 3)
        #expect(try left == ["20260105-x", "20260106-x", "20260107-x"])
    }

    @Test func `fifty are kept`() throws {
        for number in 100...155 { _ = try journal("\(number)") }
        RunDirectories(folder.path).removeOld()
        #expect(try left.count == 50)
        #expect(try left.first == "106")
    }

    @Test func `an old run that goes on stays`() throws {
        let old = try journal("1")
        for name in ["2", "3"] { _ = try journal(name) }
        RunDirectories(folder.path).removeOld(keeping: 1)
        #expect(try left == ["1", "3"])
        withExtendedLifetime(old) {}
    }

    @Test func `what is no run is not touched`() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/0", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: folder.path + "/00"))
        _ = try journal("1")
        RunDirectories(folder.path).removeOld(keeping: 0)
        #expect(try left == ["0", "00"])
    }

    @Test func `a folder that is not there is no error`() {
        RunDirectories(folder.path + "/none").removeOld()
    }
}
