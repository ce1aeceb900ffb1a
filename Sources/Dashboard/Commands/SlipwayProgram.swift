import Foundation
import Redaction

/// The program `slipway`, as the dashboard calls it.
package struct SlipwayProgram: Sendable {
    let path: String
    /// The flags of the connection, which every command gets that asks the control plane.
    let connection: [String]
    /// Where rollbacks share their records, as slipway's flag has it.
    let record: String
    let stateFolder: String
    /// Where it runs: a clone there tells subjects and authors.
    let folder: String
    let environment: [String: String]

    /// - Parameter environment: has the API key; a deployment that it names would narrow every list to one.
    package init(
        path: String, connection: [String], record: String = "none", stateFolder: String, folder: String,
        environment: [String: String]
    ) {
        self.path = path
        self.connection = connection
        self.record = record
        self.stateFolder = stateFolder
        self.folder = folder
        self.environment = environment.filter { $0.key != "LANGSMITH_DEPLOYMENT_NAME" }
    }

    /// Hides API keys, which have no place in what is kept or typed.
    var redactor: Redactor {
        let ofRun = environment.filter { $0.key.hasSuffix("_API_KEY") }.map(\.value)
        return Redactor(secrets: ofRun + StepKeyVariable.keys(in: environment))
    }

    /// The whole command line of a command that asks the control plane.
    ///
    /// A rollback also shares its record, and what it offers depends on the records of others.
    func asking(_ command: [String]) -> [String] {
        [path] + command + (command.first == "rollback" ? ["--record", record] : []) + connection + common
    }

    /// The whole command line of a command that reads the state directory only.
    func reading(_ command: [String]) -> [String] { [path] + command + common }

    private var common: [String] { ["--state-dir", stateFolder, "--ci", "none"] }
}
