import Foundation

/// One of a LangGraph agent's dependencies.
enum LangGraphDependency: Equatable {
    /// Of the repository: `.`, `./libs/tools`.
    case folder(String)
    /// Of a package index, as pip writes it.
    case package(String)

    /// As the server tells them apart: what begins with a dot is a folder.
    init(_ text: String) {
        self = text.hasPrefix(".") || text.hasPrefix("/") ? .folder(text) : .package(text)
    }

    /// What installs it, as arguments of pip and uv alike; nothing for a folder of modules only.
    func arguments(in folder: URL) -> [String] {
        guard case .folder(let path) = self else {
            guard case .package(let requirement) = self else { return [] }
            return [requirement]
        }
        let place = folder.appending(path: path)
        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: place.appending(path: name).path) }
        // Editable: packages in a src folder are found, and the graph that runs is the file that was committed.
        if has("pyproject.toml") || has("setup.py") { return ["--editable", path] }
        return has("requirements.txt") ? ["--requirement", path + "/requirements.txt"] : []
    }
}
