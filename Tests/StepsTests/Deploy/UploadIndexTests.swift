import FoundationEssentials
import TestSupport
import Testing

@testable import Steps

@Suite struct UploadIndexTests {
    private let path = FileManager.default.temporaryDirectory.path + "/slipway-ledger-\(UUID().uuidString)"

    private func removing(_ body: () throws -> Void) rethrows {
        // Nothing depends on a left-over temporary file.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body()
    }

    @Test func `what was added is known to the next run`() {
        removing {
            UploadIndex(path: path).add(objectPath: "d/1.tar.gz", sha: "ab")
            UploadIndex(path: path).add(objectPath: "d/with a blank.tar.gz", sha: "cd")
            #expect(UploadIndex(path: path).entries() == ["d/1.tar.gz": "ab", "d/with a blank.tar.gz": "cd"])
        }
    }

    @Test func `a later line for the same archive counts`() {
        removing {
            let ledger = UploadIndex(path: path)
            ledger.add(objectPath: "x", sha: "ab")
            ledger.add(objectPath: "x", sha: "cd")
            #expect(ledger.entries() == ["x": "cd"])
        }
    }

    @Test func `a torn line and lines that are none are passed over`() throws {
        try removing {
            try Data("ab x\n\nnonsense\ncd".utf8).write(to: URL(filePath: path))
            #expect(UploadIndex(path: path).entries() == ["x": "ab"])
        }
    }

    @Test func `only its owner may read it`() throws {
        try removing {
            UploadIndex(path: path).add(objectPath: "x", sha: "ab")
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `without a file nothing is known and nothing is kept`() {
        #expect(UploadIndex(path: path).entries().isEmpty)
        let ledger = UploadIndex(path: nil)
        ledger.add(objectPath: "x", sha: "ab")
        #expect(ledger.entries().isEmpty)
    }
}
