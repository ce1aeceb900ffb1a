import FoundationEssentials

extension GitFixture {
    /// Writes a file into the work tree and makes the folders around it.
    package nonisolated func write(_ name: String, _ text: String = "", executable: Bool = false) throws {
        try write(name, bytes: Array(text.utf8), executable: executable)
    }

    package nonisolated func write(_ name: String, bytes: [UInt8], executable: Bool = false) throws {
        let target = "\(path)/\(name)"
        try makeFolder(around: target)
        try Data(bytes).write(to: URL(filePath: target))
        let permissions = executable ? 0o755 : 0o644
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: target)
    }

    package nonisolated func link(_ name: String, to target: String) throws {
        try makeFolder(around: "\(path)/\(name)")
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }

    package nonisolated func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    static func makeFolder() throws -> String {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        let folder = "\(base.hasSuffix("/") ? String(base.dropLast()) : base)/slipway-fixture-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private nonisolated func makeFolder(around file: String) throws {
        let folder = URL(filePath: file).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
}
