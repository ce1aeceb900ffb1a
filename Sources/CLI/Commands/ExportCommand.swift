import ArgumentParser
import Engine
import Export
import FoundationEssentials

/// `slipway export`
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a fleet as files for an engine that you already run.",
        discussion: """
            Every job of these files runs slipway fleet deploy for a part of a wave, and the last one merges the reports.


            """
                + Examples.text(
                    "slipway export --to github targets.yml -o .github/workflows",
                    "slipway export --to github targets.yml -o .github/workflows --check"))

    @Argument(help: "File of targets.", completion: .file(extensions: ["yml", "yaml"]))
    var file: String

    @Option(help: ArgumentHelp("Engine.", valueName: "engine"))
    var to: ExportEngine

    @Option(
        name: [.customShort("o"), .customLong("output-folder")],
        help: ArgumentHelp("Folder for the files; it is created if it is missing.", valueName: "folder"),
        completion: .directory)
    var folder: String

    @Flag(help: "Only check that the files in the folder are up to date; exit with 1 if not.")
    var check = false

    @Flag(help: "Replace files that slipway export did not make.")
    var force = false

    @OptionGroup(title: "Jobs") var options: ExportOptions

    func run() async throws {
        let paths = try ExportPaths(
            file: file, folder: folder, workingDirectory: FileManager.default.currentDirectoryPath,
            root: await RepositoryRoot.find())
        let request = try options.request(to, paths)
        let fleet = try FleetSource(path: file).fleet()
        let files: [ExportedFile]
        do throws(ExportProblem) {
            files = try FleetExport.files(fleet, request)
        } catch {
            throw StepFailure(.usage, code: "NotExportable", error.message, hint: error.hint)
        }
        let target = ExportFolder(path: folder, writer: Dependencies.real.reportWriter)
        if check { return try compare(files, in: target) }
        try target.write(files, replacesOthers: force)
        for file in files { StandardOutput.write(target.path(of: file) + "\n") }
    }

    private func compare(_ files: [ExportedFile], in target: ExportFolder) throws {
        let differences = try target.differences(files)
        for difference in differences {
            StandardOutput.write("\(difference.path): \(difference.isMissing ? "not found" : "not up to date")\n")
        }
        for file in files where !differences.contains(where: { $0.path == target.path(of: file) }) {
            StandardError.write("ok: \(target.path(of: file))\n")
        }
        guard !differences.isEmpty else { return }
        throw StepFailure(
            .failed, code: "NotUpToDate",
            "\(differences.count) of \(files.count) \(files.count == 1 ? "file" : "files") of \(file) not up to date",
            hint: "run the same command without --check, and commit the files")
    }
}
