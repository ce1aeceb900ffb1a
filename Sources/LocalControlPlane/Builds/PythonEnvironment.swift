import Crypto
import Foundation
import Glibc

/// The Python environment of one built tree; stored beside the tree and removed with it.
struct VirtualEnvironment: Sendable, Equatable {
    let folder: URL

    init(folder: URL) {
        self.folder = folder
    }

    init(of tree: URL) {
        self.init(folder: tree.deletingLastPathComponent().appending(path: tree.lastPathComponent + ".venv"))
    }

    var python: String { folder.appending(path: "bin/python").path }
    var server: String { folder.appending(path: "bin/langgraph").path }

    /// The variables that `activate` sets; `path` is the rest of PATH.
    func activation(path: String) -> [String: String] {
        ["VIRTUAL_ENV": folder.path, "PATH": folder.appending(path: "bin").path + ":" + path]
    }
}

/// The program that creates environments and installs packages on this machine.
enum PackageInstaller: Sendable, Equatable {
    case uv(String)
    case pip

    /// uv when it is on `path`. It does not read pip's configuration files, so an agent that has one gets pip.
    static func choose(path: String, config: LangGraphConfig) -> PackageInstaller {
        guard config.pipConfigFile == nil else { return .pip }
        return path.split(separator: ":").map { "\($0)/uv" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }.map(PackageInstaller.uv) ?? .pip
    }

    func makeEnvironment(_ environment: VirtualEnvironment, version: String?, python: String) -> [String] {
        switch self {
        case .uv(let program):
            [program, "venv", "--quiet", "--no-project", "--python", version ?? ">=3.11", environment.folder.path]
        case .pip:
            [python, "-m", "venv", environment.folder.path]
        }
    }

    /// `offline` applies to uv only: pip does not cache what it resolved.
    func install(_ arguments: [String], into environment: VirtualEnvironment, offline: Bool) -> [String] {
        switch self {
        case .uv(let program):
            [program, "pip", "install", "--python", environment.python] + (offline ? ["--offline"] : []) + arguments
        case .pip:
            [environment.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"] + arguments
        }
    }

    var canWorkOffline: Bool { self != .pip }
}

/// Records what was installed, so that the same packages are installed again without the network.
actor InstallHistory {
    /// Far more than the dependency sets in use at one time.
    private static let limit = 500

    private struct Install: Codable {
        let key: String
        /// Where it was installed last; may have been removed.
        let environment: String
    }

    private let file: URL?
    /// Oldest first.
    private var installs: [Install]

    /// Without a file, the history ends with the process.
    init(file: URL? = nil) {
        self.file = file
        // A missing or damaged file only costs one network access.
        installs =
            file.flatMap { try? Data(contentsOf: $0) }.flatMap { try? JSONDecoder().decode([Install].self, from: $0) }
            ?? []
    }

    /// The environment where the same was installed before; nil when it never was.
    func environment(for key: String) -> VirtualEnvironment? {
        installs.last { $0.key == key }.map { VirtualEnvironment(folder: URL(filePath: $0.environment)) }
    }

    func insert(_ key: String, _ environment: VirtualEnvironment) {
        let install = Install(key: key, environment: environment.folder.path)
        installs = (installs.filter { $0.key != key } + [install]).suffix(Self.limit)
        guard let file else { return }
        // Fails on a full disk: the next build uses the network again.
        try? JSONEncoder().encode(installs).write(to: file, options: .atomic)
    }

    /// Equal for two builds that install the same: a hash of the command and the dependency files' contents.
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
                add((try? Data(contentsOf: file)) ?? Data())  // a missing file hashes like an empty one
            }
        }
        return hash.finalize().hexadecimal
    }
}

/// Links the bytecode compiled by an earlier environment into a new one, which makes its first start faster.
///
/// Hard links are safe: Python compares each file with the time and size of its source, and replaces a stale file
/// without writing into it.
struct BytecodeReuse {
    let earlier: VirtualEnvironment
    let new: VirtualEnvironment

    /// Python compiles what cannot be linked.
    func callAsFunction() {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: library(of: earlier))) ?? [] {
            let place = "\(name)/site-packages"
            let from = "\(library(of: earlier))/\(place)"
            let into = "\(library(of: new))/\(place)"
            // Another Python version has another directory, whose bytecode is of no use here.
            guard files.fileExists(atPath: into) else { continue }
            link(from, into)
        }
    }

    private func library(of environment: VirtualEnvironment) -> String {
        environment.folder.appending(path: "lib").path
    }

    private func link(_ from: String, _ into: String) {
        var lastFolder = ""
        for path in (try? FileManager.default.subpathsOfDirectory(atPath: from)) ?? [] where path.hasSuffix(".pyc") {
            guard let slash = path.lastIndex(of: "/") else { continue }
            let folder = String(path[..<slash])
            if folder != lastFolder {
                // Fails when it already exists, and when the package is not installed.
                _ = mkdir("\(into)/\(folder)", 0o755)
                lastFolder = folder
            }
            _ = Glibc.link("\(from)/\(path)", "\(into)/\(path)")
        }
    }
}
