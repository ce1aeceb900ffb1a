import Foundation

/// Writes the members of an untrusted tar.gz archive into an empty folder, and nothing outside of it.
struct ArchiveExtractor {
    var maximumMembers = 100_000
    /// Bytes of all files together.
    var maximumSize = 1 << 30

    private static let chunk = 1 << 20

    private var links: [(path: ArchivePath, target: String)] = []
    private var files: Set<ArchivePath> = []
    private var count = 0
    private var size = 0

    init() {}

    /// - Throws: `PlaneError` when the archive is broken, too large or not to be trusted.
    mutating func extract(_ archive: URL, into folder: URL) throws {
        var reader = TarReader(try GzipInput(archive))
        while let member = try reader.next() {
            try Task.checkCancellation()
            try count(member)
            try write(member, from: &reader, into: folder)
        }
        try makeLinks(in: folder)
    }

    private mutating func count(_ member: TarReader.Member) throws {
        count += 1
        size += member.size
        guard count <= maximumMembers, size <= maximumSize else {
            throw PlaneError(
                .archiveRefused,
                "the source archive holds more than \(maximumMembers) members or \(maximumSize >> 20) MiB")
        }
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
        let parent = member.kind == .directory ? place : place.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        switch member.kind {
        case .file(let executable):
            try writeFile(place, mode: executable ? 0o755 : 0o644, from: &reader)
            files.insert(path)
        case .hardLink(let target):
            let source = try ArchivePath(target)
            guard files.contains(source) else {
                throw TarReader.malformed("'\(path.text)' is a link to '\(target)', which is no file before it")
            }
            try FileManager.default.copyItem(at: folder.appending(path: source.text), to: place)
        case .directory, .symbolicLink: break
        }
    }

    private func writeFile(_ place: URL, mode: mode_t, from reader: inout TarReader) throws {
        // O_EXCL and O_NOFOLLOW: a second member of the same name is refused, not followed.
        let descriptor = open(place.path(percentEncoded: false), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
        guard descriptor >= 0 else {
            throw PlaneError(
                .archiveRefused, "cannot extract \(place.lastPathComponent): \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        while case let data = try reader.read(atMost: Self.chunk), !data.isEmpty {
            try handle.write(contentsOf: data)
        }
        try handle.close()
    }

    /// Links come last, so that no file can be written through one.
    private func makeLinks(in folder: URL) throws {
        let paths = Set(links.map(\.path))
        for (path, target) in links {
            guard path.ancestors.allSatisfy({ !paths.contains($0) }) else {
                throw PlaneError(.archiveRefused, "the source archive puts '\(path.text)' behind a link")
            }
            _ = try path.resolving(target: target, links: paths)
            let place = folder.appending(path: path.text)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            guard symlink(target, place.path(percentEncoded: false)) == 0 else {
                throw PlaneError(
                    .archiveRefused, "cannot make the link '\(path.text)': \(String(cString: strerror(errno)))")
            }
        }
    }
}
