import Engine
import Files
import FoundationEssentials
import WorkflowModel

/// The files of a workflow as a run keeps them beside its journal: one that was cut off goes on with the same, and a
/// report that is made again names their lines.
struct WorkflowSnapshot: Sendable {
    /// The folder of the run.
    let folder: String

    private var copy: String { folder + "/workflow.yml" }
    /// Those that steps use, by their paths.
    private var files: String { folder + "/files" }
    /// Says where the workflow lay when the run began.
    private var origin: String { folder + "/workflow.path" }

    /// Nil where nothing was kept, as of a built-in workflow.
    var source: WorkflowSource? {
        guard FileManager.default.fileExists(atPath: copy) else { return nil }
        let path = FileManager.default.contents(atPath: origin).map { String(decoding: $0, as: UTF8.self) }
        return WorkflowSource(path: copy, kept: WorkflowSource.Kept(files: files, origin: path))
    }

    /// What the files say now. Throws `StepFailure` (78) when it cannot be kept.
    func keep(_ path: String, _ texts: [String: [UInt8]]) throws {
        do {
            try Data(try WorkflowSource.read(path)).write(to: URL(fileURLWithPath: copy))
            let place = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
            try Data(place.utf8).write(to: URL(fileURLWithPath: origin))
            for (name, text) in texts {
                let file = "\(files)/\(name.dropFirst(2))"
                try FileManager.default.createDirectory(
                    atPath: ParentFolder.path(of: file), withIntermediateDirectories: true)
                try Data(text).write(to: URL(fileURLWithPath: file))
            }
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable",
                "the workflow cannot be kept in \(copy): \(SystemErrorText.text(of: error))",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a folder that can be written")
        }
    }
}
