import Foundation
import Testing

@testable import LocalControlPlane

struct BytecodeSeedTests {
    @Test func `bytecode is linked beside the packages that are there, and nothing else is`() throws {
        let library = "lib/python3.11/site-packages"
        let old = try AgentTree([
            "\(library)/kept/__pycache__/a.cpython-311.pyc": "a", "\(library)/kept/a.py": "",
            "\(library)/gone/__pycache__/b.cpython-311.pyc": "b",
            "\(library)/kept/__pycache__/c.cpython-311.pyc": "old",
            "lib/python3.10/site-packages/kept/__pycache__/d.cpython-310.pyc": "d",
        ])
        let new = try AgentTree([
            "\(library)/kept/a.py": "", "\(library)/kept/__pycache__/c.cpython-311.pyc": "own",
        ])
        BytecodeSeed(earlier: VirtualEnvironment(folder: old.url), fresh: VirtualEnvironment(folder: new.url))()
        let found = try FileManager.default.subpathsOfDirectory(atPath: new.url.path).filter { $0.hasSuffix(".pyc") }
        #expect(
            found.sorted() == [
                "\(library)/kept/__pycache__/a.cpython-311.pyc", "\(library)/kept/__pycache__/c.cpython-311.pyc",
            ])
        let own = new.url.appending(path: "\(library)/kept/__pycache__/c.cpython-311.pyc")
        #expect(try String(contentsOf: own, encoding: .utf8) == "own")
    }

    @Test func `an environment that is gone is no harm`() throws {
        let new = try AgentTree(["lib/python3.11/site-packages/a.py": ""])
        BytecodeSeed(
            earlier: VirtualEnvironment(folder: new.url.appending(path: "gone")),
            fresh: VirtualEnvironment(folder: new.url))()
        #expect(try FileManager.default.subpathsOfDirectory(atPath: new.url.path).count == 4)
    }
}
