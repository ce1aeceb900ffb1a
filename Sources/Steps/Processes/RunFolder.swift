import Engine
import Files
import FoundationEssentials

/// A folder for one try of a run step: its script, and the file in which it leaves its outputs.
struct RunFolder {
    let path: String

    var outputPath: String { path + "/output" }

    /// Throws `StepFailure` when nothing can be written there.
    init(in scratch: String) throws {
        path = scratch + "/run-\(UUID().uuidString)"
        do {
            // Outputs may be private: nobody else looks in here.
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data().write(to: URL(filePath: outputPath))
        } catch {
            throw Self.notWritable(path, error)
        }
    }

    func write(script: String) throws -> String {
        let file = path + "/script"
        do {
            try Data(script.utf8).write(to: URL(filePath: file))
        } catch {
            throw Self.notWritable(file, error)
        }
        return file
    }

    /// Empty when the program removed the file. Throws `StepFailure` when it holds more than an output may.
    func readOutput() throws -> String {
        guard let data = FileManager.default.contents(atPath: outputPath) else { return "" }
        guard data.count <= OutputFile.sizeLimit else {
            throw StepFailure(
                .failed, code: "InvalidOutputs",
                "$\(OutputFile.variable) holds \(data.count) bytes, more than \(OutputFile.sizeLimit)",
                hint: "put large results in files and give their names")
        }
        return String(decoding: data, as: UTF8.self)
    }

    func remove() {
        // Left behind, it goes with the run's folder.
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func notWritable(_ path: String, _ error: any Error) -> StepFailure {
        StepFailure(
            .configurationMissing, code: "StateNotWritable",
            "cannot write in \(path): \(SystemErrorText.text(of: error))",
            hint: "set --state-dir or SLIPWAY_STATE_DIR to a folder that can be written")
    }
}
