import Foundation

@testable import LocalControlPlane

extension FuzzTarget {
    static let plane = [
        FuzzTarget("request-bodies", seeds: bodies, check: checkBody),
        FuzzTarget("faults", seeds: faults, check: checkFault),
        FuzzTarget("langgraph-json", seeds: configurations, check: checkConfiguration),
        FuzzTarget("archives", bytes: archives, check: checkArchive),
    ]

    private static let bodies = [
        #"""
        {"name":"agent","source":"github","source_config":{"integration_id":"1b7d9e30-0000-4000-8000-000000000001",
        "repo_url":"https://h/a","deployment_type":"dev","build_on_push":true,"resource_spec":{"cpu":1,"labels":{"a":"b"},
        "memory_mb":512,"volumes":[{}]}},"source_revision_config":{"repo_ref":"main"},"secrets":[{"name":"A","value":"b"}]}
        """#,
        #"{"revision_source":"github","source_revision_config":{"repo_ref":null},"display_name":"","secrets":[]}"#,
    ]

    @Sendable private static func checkBody(_ input: [UInt8]) throws {
        for read in [
            { _ = try NewDeployment(try BodyReader.parse(input.data)) },
            { _ = try DeploymentChange(try BodyReader.parse(input.data, allowingNone: true)).needsRevision },
        ] {
            do {
                try read()
            } catch is APIProblem {}
        }
    }

    private static let faults = [
        "status=503,path=/v2/deployments,count=3,retry-after=5,detail=a, b",
        "phase=build,deployment=x,fail=y,delay=1m30s",
        "lose=answer,method=post,after=2",
    ]

    @Sendable private static func checkFault(_ input: [UInt8]) throws {
        do {
            let fault = try FaultParser.parse(input.text)
            _ = fault.matches(method: "GET", path: "/v2")
        } catch {
            try expect(!error.description.isEmpty, "an error without a message")
        }
    }

    private static let configurations = [
        #"""
        {"dependencies":[".","langchain>=0.3"],"graphs":{"agent":"./agent.py:graph","b":{"path":"m.n:g"}},"env":".env",
        "python_version":"3.12","http":{"mount_prefix":"/x/"},"auth":{"path":"./a.py:auth"},"pip_config_file":"p"}
        """#,
        #"{"graphs":{"a":"./a.py:g"},"source":{"kind":"uv","root":"x","package":"y"},"env":{"A":"b"},"dockerfile_lines":[]}"#,
        #"""
        {"command":{"install":"make","build":["python3","-m","unittest"],"start":["a","{port}"],"health":"/ok","identity":
        "/info","smoke":{"method":"POST","path":"/r","body":{"a":[1.5]},"expect-status":200},"start_timeout":3e1}}
        """#,
    ]

    @Sendable private static func checkConfiguration(_ input: [UInt8]) throws {
        do {
            let manifest = try AgentManifest.decode(
                input.data, file: "agent/langgraph.json", tree: URL(filePath: "/nowhere"))
            _ = manifest.start.argv(port: 1)
            _ = manifest.start.description
        } catch {
            try expect(!error.message.isEmpty, "an error without a message")
        }
    }

    private static let archives = [
        member("a/", type: "5") + member("a/b", contents: "hello") + end,
        member("l", type: "2", link: "a/b") + member("x", type: "x", contents: "16 path=a/b/long\n")
            + member("h", type: "1", link: "a")
            + end,
        member("f", contents: "1") + member("g", type: "1", link: "f") + member("n", type: "L", contents: "name\0")
            + end,
    ]
    private static let end = [UInt8](repeating: 0, count: 1024)

    private static func member(
        _ name: String, type: Character = "0", contents: String = "", link: String = ""
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put("0000755", at: 100)
        put(String(contents.utf8.count, radix: 8), at: 124)
        put("\(type)", at: 156)
        put(link, at: 157)
        put("ustar\000", at: 257)
        let rest = contents.utf8.isEmpty ? 0 : 512 - contents.utf8.count % 512
        return block + Array(contents.utf8) + [UInt8](repeating: 0, count: rest)
    }

    /// In memory, where there is such a place.
    private static let scratch: URL = {
        let memory = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        return URL(filePath: memory).appending(path: "slipway-fuzz-\(getpid())")
    }()

    @Sendable private static func checkArchive(_ input: [UInt8]) throws {
        let (files, folder) = (FileManager.default, scratch.appending(path: "in"))
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: folder) }
        let file = scratch.appending(path: "archive")
        try Data(withChecksums(input)).write(to: file)
        var extractor = ArchiveExtractor()
        extractor.maximumMembers = 50
        extractor.maximumSize = 1 << 20
        do {
            try extractor.extract(file, into: folder)
        } catch let error as ServerError {
            try expect(!error.message.isEmpty, "an error without a message")
        }
        let beside = try files.contentsOfDirectory(atPath: scratch.path).sorted()
        try expect(beside == ["archive", "in"], "files outside: \(beside)")
    }

    /// Nothing else than the refusal of a wrong checksum is found otherwise.
    private static func withChecksums(_ input: [UInt8]) -> [UInt8] {
        var bytes = input
        for start in stride(from: 0, to: bytes.count - 511, by: 512)
        where bytes[(start + 257)..<(start + 260)].elementsEqual("ust".utf8) {
            let field = start + 148..<start + 156
            bytes.replaceSubrange(field, with: [UInt8](repeating: 32, count: 8))
            let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
            let digits = Array(String(sum, radix: 8).utf8)
            bytes.replaceSubrange(field, with: digits + [UInt8](repeating: 0, count: 8 - digits.count))
        }
        return bytes
    }
}
