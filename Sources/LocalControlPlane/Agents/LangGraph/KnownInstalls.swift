import Crypto
package import Foundation

/// Remembers what was installed before: the same again needs no network.
package actor KnownInstalls {
    /// More than anybody goes back and forth between.
    private static let most = 500

    private let file: URL?
    /// Oldest first.
    private var keys: [String]

    /// Without a file it forgets with the process.
    package init(file: URL? = nil) {
        self.file = file
        // Absent or damaged costs one look at the network.
        keys = file.flatMap { try? Data(contentsOf: $0) }.flatMap { try? JSONDecoder().decode([String].self, from: $0) }
            ?? []
    }

    func contains(_ key: String) -> Bool { keys.contains(key) }

    func insert(_ key: String) {
        keys = (keys.filter { $0 != key } + [key]).suffix(Self.most)
        guard let file else { return }
        // Lost on a full disk: the next build asks the network once more.
        try? JSONEncoder().encode(keys).write(to: file, options: .atomic)
    }

    /// The same for two builds that install the same: names the files that say what is installed by their contents.
    static func key(of command: [String], folder: URL, dependencies: [String]) -> String {
        var hash = SHA256()
        func add(_ bytes: Data) {
            hash.update(data: Data("\(bytes.count):".utf8))
            hash.update(data: bytes)
        }
        for word in command { add(Data(word.utf8)) }
        for dependency in dependencies {
            for name in ["requirements.txt", "pyproject.toml", "setup.py", "setup.cfg", "uv.lock"] {
                let file = folder.appending(path: dependency).appending(path: name)
                add((try? Data(contentsOf: file)) ?? Data())  // absent says as much
            }
        }
        return hash.finalize().hexadecimal
    }
}
