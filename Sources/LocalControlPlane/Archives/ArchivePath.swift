/// A path inside an archive that was checked to stay inside the folder it is extracted to.
struct ArchivePath: Hashable, Sendable {
    let components: [String]

    var text: String { components.joined(separator: "/") }

    /// - Throws: `PlaneError` for an absolute path and one with `..`.
    init(_ text: String) throws {
        let parts = Self.parts(of: text)
        guard !Self.isAbsolute(text), !parts.contains(".."), !text.contains("\0"), text.utf8.count <= 4096 else {
            throw PlaneError(.archiveRefused, "the source archive names '\(text)', which lies outside of its folder")
        }
        components = parts
    }

    private init(components: [String]) { self.components = components }

    // By bytes, as the system reads paths: a slash with a mark on it is another character.

    private static func parts(of text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }.filter { $0 != "." }
    }

    private static func isAbsolute(_ text: String) -> Bool { text.utf8.first == UInt8(ascii: "/") }

    /// The folders above it, outermost first.
    var ancestors: [ArchivePath] {
        components.indices.dropFirst().map { ArchivePath(components: Array(components[..<$0])) }
    }

    /// Where a symbolic link at this path leads.
    ///
    /// A target may climb with `..` but not out of the folder, and may pass through no other link: what its text
    /// says is then where it leads.
    /// - Throws: `PlaneError` when it leads outside, or could.
    func resolving(target: String, links: Set<ArchivePath>) throws -> ArchivePath {
        var place = Array(components.dropLast())
        for part in Self.parts(of: target) {
            let passesLink = links.contains(ArchivePath(components: place))
            guard !Self.isAbsolute(target), !passesLink, part != ".." || !place.isEmpty else {
                throw PlaneError(
                    .archiveRefused, "the source archive has a link '\(text)' to '\(target)', which may lead outside")
            }
            if part == ".." { place.removeLast() } else { place.append(part) }
        }
        return ArchivePath(components: place)
    }
}
