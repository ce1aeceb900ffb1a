import Crypto
package import Foundation

/// Remembers what was installed before: the same again needs no network.
package actor KnownInstalls {
    /// More than anybody goes back and forth between.
    private static let most = 500

    private struct Install: Codable {
        let key: String
        /// Where it was installed last; it may be gone by now.
        let environment: String
    }

    private let file: URL?
    /// Oldest first.
    private var installs: [Install]

    /// Without a file it forgets with the process.
    package init(file: URL? = nil) {
        self.file = file
        // Absent or damaged costs one look at the network.
        installs =
            file.flatMap { try? Data(contentsOf: $0) }.flatMap { try? JSONDecoder().decode([Install].self, from: $0) }
            ?? []
    }

    /// Where the same was installed before; nil when it never was.
    func environment(for key: String) -> VirtualEnvironment? {
        installs.last { $0.key == key }.map { VirtualEnvironment(folder: URL(filePath: $0.environment)) }
    }

    func insert(_ key: String, _ environment: VirtualEnvironment) {
        let install = Install(key: key, environment: environment.folder.path)
        installs = (installs.filter { $0.key != key } + [install]).suffix(Self.most)
        guard let file else { return }
        // Lost on a full disk: the next build asks the network once more.
        try? JSONEncoder().encode(installs).write(to: file, options: .atomic)
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
