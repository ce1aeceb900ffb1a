import ControlPlane
import Engine
import FoundationEssentials
import Redaction

/// The settings of a resumed run: its own control plane and workspace, and of this process the key and the reports.
struct ResumedSettings {
    /// Variables that choose where a new run deploys.
    private static let targets = [
        "SLIPWAY_CONTROL_PLANE", "LANGGRAPH_HOST_URL", "CONTROL_PLANE_HOST", "LANGSMITH_ENDPOINT",
        "LANGSMITH_TENANT_ID", "WORKSPACE_ID",
    ]

    let session: SessionOptions
    /// For the connection.
    let dependencies: Dependencies
    private let origin: RunOrigin
    private let run: RunID

    /// Throws `StepFailure` (64) if a flag names another control plane or workspace than the run's.
    init(_ session: SessionOptions, _ dependencies: Dependencies, _ origin: RunOrigin, run: RunID) throws {
        var session = session
        var environment = dependencies.environment
        session.connection.state.stateDir = session.state(dependencies).path
        session.reports.makePathsAbsolute()
        session.records.record = session.records.record ?? origin.sharing
        session.connection.access.apiKeyFile = session.connection.access.apiKeyFile.map(WorkingDirectory.absolute)
        for name in environment.keys where StepKeyVariable.isFile(name) {
            environment[name] = environment.nonEmpty(name).map(WorkingDirectory.absolute)
        }
        if let began = origin.controlPlane {
            for name in Self.targets { environment[name] = nil }
            try Self.check(session.connection.access, began, run)
            session.connection.access.controlPlane = began.flag
            session.connection.access.tenantId = began.workspace
        }
        self.session = session
        self.dependencies = Dependencies(
            environment: environment, clock: dependencies.clock, jitter: dependencies.jitter, readsSettings: false)
        self.origin = origin
        self.run = run
    }

    /// Another control plane or workspace does not have the revisions of the run.
    private static func check(_ given: AccessOptions, _ began: RunOrigin.ControlPlane, _ run: RunID) throws {
        if let plane = given.controlPlane, !began.isSame(as: plane) {
            throw StepFailure(
                .usage, code: "OtherControlPlane",
                "wrong control plane for run \(run): it uses \(began.flag), not \(plane)",
                hint: "omit --control-plane")
        }
        if let workspace = given.tenantId, workspace.lowercased() != began.workspace?.lowercased() {
            throw StepFailure(
                .usage, code: "OtherWorkspace",
                "wrong workspace for run \(run): it uses \(began.workspace ?? "none"), not \(workspace)",
                hint: "omit --tenant-id")
        }
    }

    /// Everything relative is relative to the folder of the run.
    ///
    /// Throws `StepFailure` (64) if that folder is gone and `isNeeded`.
    func enterFolder(isNeeded: Bool) throws {
        guard FileManager.default.changeCurrentDirectoryPath(origin.folder) || !isNeeded else {
            throw StepFailure(
                .usage, code: "FolderNotFound", "cannot resume run \(run): folder not found: \(origin.folder)",
                hint: "restore the folder, or start a new run")
        }
    }
}

extension RunOrigin {
    /// Where the run shares its records.
    var sharing: RecordOptions.Sharing? { records.flatMap { RecordOptions.Sharing(rawValue: $0) } }
}

extension RunOrigin.ControlPlane {
    /// As `--control-plane` names it.
    var flag: String { isLocal ? "local" : url }

    fileprivate func isSame(as text: String) -> Bool {
        if text == "local" { return isLocal }
        guard let address = try? ControlPlaneAddress(text, source: "--control-plane") else { return false }
        return address.lockName == (try? ControlPlaneAddress(url, source: "journal"))?.lockName
    }
}

/// Paths relative to the working directory.
enum WorkingDirectory {
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") || path == "-" ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}

extension ReportOptions {
    fileprivate mutating func makePathsAbsolute() {
        junit = junit.map(WorkingDirectory.absolute)
        json = json.map(WorkingDirectory.absolute)
        html = html.map(WorkingDirectory.absolute)
        summary = summary.map(WorkingDirectory.absolute)
        dotenv = dotenv.map(WorkingDirectory.absolute)
        annotations = annotations.map(WorkingDirectory.absolute)
    }
}
