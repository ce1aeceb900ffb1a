import Engine

/// Where the jobs of an engine find the file of targets: they run in a checkout, in the folder in which the export was made.
struct ExportPaths: Equatable {
    /// Relative to `directory`.
    let file: String
    /// Relative to the root of the repository; empty for the root.
    let directory: String
    /// Where the exported files are, relative to the root.
    let folder: String

    /// Throws `StepFailure` (64) for paths outside of the repository.
    ///
    /// - Parameter root: nil outside of a repository: then it is the working directory.
    init(file: String, folder: String, workingDirectory: String, root: String?) throws(StepFailure) {
        guard file != "-" else {
            throw StepFailure(
                .usage, code: "InvalidPath", "cannot export standard input: jobs read the file of targets",
                hint: "name a file in the repository")
        }
        let root = Self.parts(root ?? workingDirectory, "")
        let current = Self.parts(workingDirectory, "")
        let target = Self.parts(file, workingDirectory)
        guard target.starts(with: root), current.starts(with: root) else {
            throw StepFailure(
                .usage, code: "InvalidPath", "the file of targets is outside of the repository: \(file)",
                hint: "jobs find it in their checkout: move it there, and run the command there")
        }
        let shared = zip(current, target).prefix { $0 == $1 }.count
        let up = Array(repeating: "..", count: current.count - shared)
        self.file = (up + target.dropFirst(shared)).joined(separator: "/")
        directory = current.dropFirst(root.count).joined(separator: "/")
        let output = Self.parts(folder, workingDirectory)
        self.folder = output.dropFirst(output.starts(with: root) ? root.count : 0).joined(separator: "/")
    }

    private static func parts(_ path: String, _ folder: String) -> [String] {
        (path.hasPrefix("/") ? path : folder + "/" + path).split(separator: "/").reduce(into: []) { parts, part in
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
        }
    }
}
