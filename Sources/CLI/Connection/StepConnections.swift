import ControlPlane
import Engine
import Redaction
import Reports
import Steps
import Synchronization

/// Connects steps that name a control plane of their own, by the rules of a command: a key is only sent to the host that it
/// was given for.
final class StepConnections: Sendable {
    private let run: Connection
    private let transports: Dependencies.Transports
    private let dependencies: Dependencies
    /// One client for all steps of a control plane, so that they share what it has learned.
    private let planes = Mutex<[StepConnection: ConnectedPlane?]>([:])

    init(of run: Connection, _ transports: Dependencies.Transports, _ dependencies: Dependencies) {
        self.run = run
        self.transports = transports
        self.dependencies = dependencies
    }

    /// Nil for the control plane of the run. Throws `ControlPlaneError`.
    func plane(of step: StepConnection) throws -> ConnectedPlane? {
        try planes.withLock { planes in
            if let plane = planes[step] { return plane }
            let plane = try connect(step)
            planes[step] = .some(plane)
            return plane
        }
    }

    private func connect(_ step: StepConnection) throws -> ConnectedPlane? {
        let address = try step.controlPlane.map(address) ?? run.address
        let isOfRun = address.lockName == run.address.lockName
        if isOfRun, step.keyVariable == nil, step.tenantID == nil || step.tenantID == run.credentials.tenantID {
            return nil
        }
        let connection = Connection(
            address: address, credentials: try credentials(of: step, at: address), isLocal: isOfRun && run.isLocal,
            timeouts: run.timeouts)
        return ConnectedPlane(
            client: connection.client(transports, dependencies), url: address.baseURL,
            key: connection.credentials.apiKey, commands: commands(connection, step))
    }

    private func commands(_ connection: Connection, _ step: StepConnection) -> PrintedCommands {
        let tenant = step.tenantID.map { " --tenant-id " + ShellWord.quoted($0) } ?? ""
        let flags = " --control-plane " + ShellWord.quoted(connection.address.baseURL) + tenant
        // The key of the run is where the next command finds it too.
        guard step.keyVariable != nil else { return PrintedCommands(flags: flags) }
        let key = "\"$\(connection.credentials.source)\""
        return StepKeyVariable.isFile(connection.credentials.source)
            ? PrintedCommands(flags: flags + " --api-key-file " + key)
            : PrintedCommands(flags: flags, assignment: "LANGSMITH_API_KEY=\(key) ")
    }

    private func address(_ text: String) throws -> ControlPlaneAddress {
        guard text == "local" else { return try ControlPlaneAddress(text, source: "control-plane") }
        if run.isLocal { return run.address }
        throw ControlPlaneError(
            .configuration, "the control plane of a step cannot be 'local' in a run on \(run.address.baseURL)",
            hint: "pass --control-plane local, and name the other ones in their steps")
    }

    private func credentials(of step: StepConnection, at address: ControlPlaneAddress) throws -> Credentials {
        if let name = step.keyVariable {
            guard StepKeyVariable.isValid(name) else {
                throw ControlPlaneError(
                    .configuration, "invalid api-key-variable: '\(name)'",
                    hint: "put the key into a variable named like \(StepKeyVariable.form), and give its name")
            }
            guard let found = try dependencies.credentials(in: name, tenantID: step.tenantID) else {
                throw ControlPlaneError(
                    .configuration, "no API key for \(address.baseURL): environment variable \(name) is not set",
                    hint:
                        "set \(name), or \(StepKeyVariable.file(name)) to the path of a file with the key, or correct "
                        + "api-key-variable")
            }
            return found
        }
        guard Origin(ofURL: address.baseURL) == Origin(ofURL: run.address.baseURL) else {
            throw ControlPlaneError(
                .configuration,
                "no API key for \(address.baseURL): the key in \(run.credentials.source) is for "
                    + run.address.baseURL,
                hint: "set api-key-variable to the name of the environment variable with its key")
        }
        guard let tenant = step.tenantID else { return run.credentials }
        return try run.credentials.with(tenantID: tenant, source: "tenant-id")
    }
}
