/// This follows the symbolic links of a tree as the system does, by the text of their targets, and tells when a path
/// leads out of the tree.
package struct LinkResolver: Sendable {
    package enum Place: Equatable, Sendable {
        /// The path that the links lead to; nothing need be there.
        case inside(String)
        case outside
        /// The system gives up too, so nothing can be reached.
        case tooManyLinks
    }

    /// The limit of Linux.
    private static let linkLimit = 40

    /// The target of each link, by its path in the tree.
    private let targets: [String: String]

    package init(targets: [String: String]) {
        self.targets = targets
    }

    /// - Parameter path: relative to the root of the tree.
    package func resolve(_ path: String) -> Place {
        var place: [String] = []
        var rest = Array(Self.parts(of: path).reversed())
        var followed = 0
        while let part = rest.popLast() {
            if part == ".." {
                guard place.popLast() != nil else { return .outside }
                continue
            }
            guard let target = targets[(place + [part]).joined(separator: "/")] else {
                place.append(part)
                continue
            }
            followed += 1
            guard followed <= Self.linkLimit else { return .tooManyLinks }
            guard target.utf8.first != UInt8(ascii: "/") else { return .outside }
            rest += Self.parts(of: target).reversed()
        }
        return .inside(place.joined(separator: "/"))
    }

    /// By bytes, as the system reads paths: in Swift a slash with a combining mark is another character.
    private static func parts(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }.filter { $0 != "." }
    }
}
