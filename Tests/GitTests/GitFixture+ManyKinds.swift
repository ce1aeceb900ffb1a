import TestSupport

extension GitFixture {
    static let manyKindsFileCount = 12

    /// One commit with every kind of entry and name that an archive has to carry.
    static func withManyKindsOfEntries() async throws -> GitFixture {
        let fixture = try await GitFixture()
        try fixture.write("agent.py", "original")
        try fixture.write("empty.txt")
        try fixture.write("script.sh", "#!/bin/sh\n", executable: true)
        try fixture.write("übung/日本語.txt", "Grüße")
        try fixture.write("exactly-one-block.bin", bytes: [UInt8](repeating: 7, count: 512))
        try fixture.write("several-chunks.bin", bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        try fixture.write("a/\(String(repeating: "b", count: 98))", "100 bytes")
        try fixture.write("a/\(String(repeating: "b", count: 99))", "101 bytes")
        try fixture.write(deepPath, "beyond 255 bytes")
        try fixture.link("links/inside", to: "../agent.py")
        try fixture.link("links/unicode", to: "../übung/日本語.txt")
        try fixture.link("links/long", to: "../\(deepPath)")
        try await fixture.commit()
        return fixture
    }

    private static var deepPath: String {
        (0..<6).map { "folder\($0)-\(String(repeating: "x", count: 50))" }.joined(separator: "/") + "/file.txt"
    }
}
