import Foundation

/// Which program makes environments and installs packages on this machine.
enum PythonTools: Sendable, Equatable {
    case uv(String)
    case pip

    /// uv when it is in `path`; it does not read pip's configuration files, so an agent that brings one gets pip.
    static func choose(path: String, config: LangGraphConfig) -> PythonTools {
        guard config.pipConfigFile == nil else { return .pip }
        return path.split(separator: ":").map { "\($0)/uv" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }.map(PythonTools.uv) ?? .pip
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
