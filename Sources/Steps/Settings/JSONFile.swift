package import ControlPlaneTypes
package import Engine
import FoundationEssentials

/// Files with JSON that flags name.
package enum JSONFile {
    package static func object(at path: String) throws(StepFailure) -> RawJSON {
        let problem: String
        do {
            let value = try RawJSON(parsing: Data(try ReadableFile.text(at: path).utf8))
            if value.members != nil { return value }
            problem = "it is no JSON object"
        } catch {
            problem = "\(error)"
        }
        throw StepFailure(
            .usage, code: "FileUnusable", "cannot use the file '\(path)': \(problem)",
            hint: "name a file with one JSON object")
    }
}
