import Crypto
import Foundation
import Glibc

/// The Python environment of one built tree; beside the tree, so that it goes when the tree goes.
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

    /// What `activate` would set; `path` is the PATH that comes after its own programs.
    func activation(path: String) -> [String: String] {
        ["VIRTUAL_ENV": folder.path, "PATH": folder.appending(path: "bin").path + ":" + path]
    }
}

/// Which program makes environments and installs packages on this machine.
enum PackageInstaller: Sendable, Equatable {
    case uv(String)
    case pip

    /// uv when it is in `path`; it does not read pip's configuration files, so an agent that brings one gets pip.
    static func choose(path: String, config: LangGraphConfig) -> PackageInstaller {
        guard config.pipConfigFile == nil else { return .pip }
        return path.split(separator: ":").map { "\($0)/uv" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }.map(PackageInstaller.uv) ?? .pip
    }

    func makeEnvironment(_ environment: VirtualEnvironment, version: String?) -> [String] {
        switch self {
        case .uv(let program):
            [program, "venv", "--quiet", "--no-project", "--python", version ?? ">=3.11", environment.folder.path]
        case .pip:
            ["python\(version ?? "3")", "-m", "venv", environment.folder.path]
        }
    }

    /// `offline` is what only uv can do well: pip has no cache of what it resolved.
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

/// Remembers what was installed before: the same again needs no network.
actor InstallHistory {
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
    init(file: URL? = nil) {
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

/// Gives a fresh environment the bytecode that an earlier one has compiled: its first start is as quick as a later one.
///
/// By hard links, which is safe: Python holds each file against the time and size of its source, and replaces what does
/// not fit without writing into it.
struct BytecodeReuse {
    let earlier: VirtualEnvironment
    let fresh: VirtualEnvironment

    /// What cannot be linked is left for Python to compile.
    func callAsFunction() {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: library(of: earlier))) ?? [] {
            let place = "\(name)/site-packages"
            let from = "\(library(of: earlier))/\(place)"
            let into = "\(library(of: fresh))/\(place)"
            // Another version of Python has another folder, and nothing that could be used here.
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
            guard let slash = path.range(of: "/", options: .backwards) else { continue }
            let folder = String(path[..<slash.lowerBound])
            if folder != lastFolder {
                // Fails where it is there already, and where the package is not.
                _ = mkdir("\(into)/\(folder)", 0o755)
                lastFolder = folder
            }
            _ = Glibc.link("\(from)/\(path)", "\(into)/\(path)")
        }
    }
}
