import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import CLI

/// The log of the control planes that commands start.
struct LocalPlaneLogTests {
    private func size(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    }

    @Test func `a log is continued, and one that grew long begins anew beside it`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/plane.log"
        for (length, left) in [(100, 100), (5 << 20, 0)] {
            try Data(repeating: 0x61, count: length).write(to: URL(filePath: path))
            try LocalPlaneLog(in: folder.path).file.close()
            #expect(try size(of: path) == left)
        }
        #expect(try size(of: path + ".1") == 5 << 20)
    }
}
