import Foundation
import Git

/// Extracts an untrusted tar.gz archive into an empty directory and writes nothing outside of it.
struct ArchiveExtractor {
    var maximumMembers = 100_000
    /// Total bytes of all files, including the copies that hard links become.
    var maximumSize = 1 << 30

    private static let chunk = 1 << 20

    private var links: [(path: ArchivePath, target: String)] = []
    /// Extracted files and their sizes.
    private var files: [ArchivePath: Int] = [:]
    private var count = 0
    private var size = 0

    init() {}

    /// - Throws: `ServerError` when the archive is malformed, too large or unsafe.
    mutating func extract(_ archive: URL, into folder: URL) throws {
        var reader = TarReader(try GzipInput(archive))
        while let member = try reader.next() {
            try Task.checkCancellation()
            count += 1
            try reserve(member.size)
            try write(member, from: &reader, into: folder)
        }
        try makeLinks(in: folder)
    }

    private mutating func reserve(_ bytes: Int) throws {
        // Compares the remaining space: the sum of the sizes in an archive may overflow.
        guard count <= maximumMembers, bytes <= maximumSize - size else {
            throw ServerError(
                .archiveRefused,
                "source archive too large: more than \(maximumMembers) members or \(maximumSize >> 20) MiB")
        }
        size += bytes
    }

    private mutating func write(
        _ member: TarReader.Member, from reader: inout TarReader, into folder: URL
    ) throws {
        let path = try ArchivePath(member.path)
        let place = folder.appending(path: path.text)
        guard !path.components.isEmpty else { return }
        if case .symbolicLink(let target) = member.kind {
            links.append((path, target))
            return
        }
        try makeFolders(to: path, itself: member.kind == .directory, in: folder)
        switch member.kind {
        case .file(let executable):
            try writeFile(place, mode: executable ? 0o755 : 0o644, from: &reader)
            files[path] = member.size
        case .hardLink(let target):
            try copy(try ArchivePath(target), to: path, in: folder)
        case .directory, .symbolicLink: break
        }
    }

    /// - Parameter itself: whether `path` is a directory too.
    private func makeFolders(to path: ArchivePath, itself: Bool, in folder: URL) throws {
        let place = folder.appending(path: path.text)
        do {
            try FileManager.default.createDirectory(
                at: itself ? place : place.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            let taken = (path.ancestors + [path]).first { files[$0] != nil }
            let why = taken.map { "'\($0.text)' already exists and is not a directory" } ?? error.localizedDescription
            throw ServerError(.archiveRefused, "cannot extract \(path.text): \(why)")
        }
    }

    private mutating func copy(_ source: ArchivePath, to path: ArchivePath, in folder: URL) throws {
        guard let bytes = files[source] else {
            throw TarReader.malformed("'\(path.text)' is a hard link to '\(source.text)', which is not an earlier file")
        }
        try reserve(bytes)
        do {
            try FileManager.default.copyItem(
                at: folder.appending(path: source.text), to: folder.appending(path: path.text))
        } catch {
            throw ServerError(.archiveRefused, "cannot extract \(path.text): \(error.localizedDescription)")
        }
        files[path] = bytes
    }

    private func writeFile(_ place: URL, mode: mode_t, from reader: inout TarReader) throws {
        // O_EXCL and O_NOFOLLOW reject a second member of the same name instead of following it.
        let descriptor = open(place.path(percentEncoded: false), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
        guard descriptor >= 0 else {
            throw ServerError(
                .archiveRefused, "cannot extract \(place.lastPathComponent): \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        while case let data = try reader.read(atMost: Self.chunk), !data.isEmpty {
            try handle.write(contentsOf: data)
        }
        try handle.close()
    }

    /// Created last, so that no file can be written through a link.
    private func makeLinks(in folder: URL) throws {
        let paths = Set(links.map(\.path))
        let resolver = LinkResolver(targets: Dictionary(links.map { ($0.path.text, $0.target) }) { $1 })
        for (path, target) in links {
            guard path.ancestors.allSatisfy({ !paths.contains($0) }) else {
                throw ServerError(
                    .archiveRefused, "unsafe path in the source archive: '\(path.text)' passes through a symbolic link")
            }
            guard resolver.resolve(path.text) != .outside else {
                throw ServerError(
                    .archiveRefused, "unsafe link in the source archive: '\(path.text)' to '\(target)'")
            }
            let place = folder.appending(path: path.text)
            try makeFolders(to: path, itself: false, in: folder)
            guard symlink(target, place.path(percentEncoded: false)) == 0 else {
                throw ServerError(
                    .archiveRefused, "cannot create the link '\(path.text)': \(String(cString: strerror(errno)))")
            }
        }
    }
}

/// A path in an archive that is known to stay inside the directory it is extracted to.
struct ArchivePath: Hashable, Sendable {
    let components: [String]

    var text: String { components.joined(separator: "/") }

    /// - Throws: `ServerError` for an absolute path or one with `..`.
    init(_ text: String) throws {
        let parts = Self.parts(of: text)
        guard !Self.isAbsolute(text), !parts.contains(".."), !text.contains("\0"), text.utf8.count <= 4096 else {
            throw ServerError(.archiveRefused, "unsafe path in the source archive: '\(text)'")
        }
        components = parts
    }

    private init(components: [String]) { self.components = components }

    // By bytes, as the system reads paths: in Swift a slash with a combining mark is another character.

    private static func parts(of text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }.filter { $0 != "." }
    }

    private static func isAbsolute(_ text: String) -> Bool { text.utf8.first == UInt8(ascii: "/") }

    /// The parent directories, outermost first.
    var ancestors: [ArchivePath] {
        components.indices.dropFirst().map { ArchivePath(components: Array(components[..<$0])) }
    }
}
