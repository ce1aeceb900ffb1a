import Foundation

/// Writes the members of an untrusted tar.gz archive into an empty folder, and nothing outside of it.
struct ArchiveExtractor {
    var maximumMembers = 100_000
    /// Bytes of all files together, and of the copies that links to them become.
    var maximumSize = 1 << 30

    private static let chunk = 1 << 20

    private var links: [(path: ArchivePath, target: String)] = []
    /// With their sizes.
    private var files: [ArchivePath: Int] = [:]
    private var count = 0
    private var size = 0

    init() {}

    /// - Throws: `PlaneError` when the archive is broken, too large or not to be trusted.
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
        // Not by their sum: an archive may name sizes that no number has room for together.
        guard count <= maximumMembers, bytes <= maximumSize - size else {
            throw PlaneError(
                .archiveRefused,
                "the source archive holds more than \(maximumMembers) members or \(maximumSize >> 20) MiB")
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

    /// - Parameter itself: whether `path` is a folder too.
    private func makeFolders(to path: ArchivePath, itself: Bool, in folder: URL) throws {
        let place = folder.appending(path: path.text)
        do {
            try FileManager.default.createDirectory(
                at: itself ? place : place.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            let taken = (path.ancestors + [path]).first { files[$0] != nil }
            let why = taken.map { "'\($0.text)' is there already, and no folder" } ?? error.localizedDescription
            throw PlaneError(.archiveRefused, "cannot extract \(path.text): \(why)")
        }
    }

    private mutating func copy(_ source: ArchivePath, to path: ArchivePath, in folder: URL) throws {
        guard let bytes = files[source] else {
            throw TarReader.malformed("'\(path.text)' is a link to '\(source.text)', which is no file before it")
        }
        try reserve(bytes)
        do {
            try FileManager.default.copyItem(
                at: folder.appending(path: source.text), to: folder.appending(path: path.text))
        } catch {
            throw PlaneError(.archiveRefused, "cannot extract \(path.text): \(error.localizedDescription)")
        }
        files[path] = bytes
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
            try makeFolders(to: path, itself: false, in: folder)
            guard symlink(target, place.path(percentEncoded: false)) == 0 else {
                throw PlaneError(
                    .archiveRefused, "cannot make the link '\(path.text)': \(String(cString: strerror(errno)))")
            }
        }
    }
}
