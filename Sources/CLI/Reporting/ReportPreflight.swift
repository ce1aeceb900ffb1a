import Engine
import Files

/// Finds out before anything is done that a report could not be written, or that two would go to one place.
enum ReportPreflight {
    /// Throws `StepFailure`: usage (64) for two reports of one path, 73 for one that cannot be written.
    static func check(_ reports: ReportOptions, environment: [String: String] = Dependencies.real.environment) throws {
        var taken: [(flag: String, place: RealPath)] = []
        for (flag, path) in reports.named {
            let place = RealPath(path)
            if let other = taken.first(where: { $0.place.isSameFile(as: place) }) {
                throw StepFailure(
                    .usage, code: "SameReportPath", "\(other.flag) and \(flag) both write to '\(path)'",
                    hint: "give each report a path of its own")
            }
            taken.append((flag, place))
        }
        let appended = GitHubStepFiles(environment: environment)
        let paths = reports.named.map(\.path).filter { !appended.isSummary($0) }
        guard let failure = Dependencies.real.reportWriter.preflight(paths).first else { return }
        throw StepFailure(.reportNotWritten, code: "ReportNotWritable", failure.message, hint: failure.hint)
    }
}
