/// Variables for later jobs, in the form that GitLab's `artifacts:reports:dotenv` takes: at most 5 KB and 20
/// variables, no quotes, no blanks.
package struct DotenvReport: Sendable {
    package static let maximumBytes = 5 << 10
    package static let maximumVariables = 20

    package let text: String

    /// A value that GitLab would refuse, and with it the whole file, is left out.
    package init(_ outputs: PipelineOutputs) {
        var lines = ""
        for output in outputs.all.filter({ Self.isTaken($0.value) }).prefix(Self.maximumVariables) {
            let line = "\(Self.name(output.name))=\(output.value)\n"
            if lines.utf8.count + line.utf8.count <= Self.maximumBytes { lines += line }
        }
        text = lines
    }

    private static func name(_ output: String) -> String {
        "SLIPWAY_" + output.uppercased().replacing("-", with: "_")
    }

    /// Printable ASCII without blanks, quotes and what a shell would expand.
    private static func isTaken(_ value: String) -> Bool {
        !value.isEmpty
            && value.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"'`$\\#".utf8.contains($0) }
    }
}
