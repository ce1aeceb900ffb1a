import FoundationEssentials
import Subprocess

/// An HTTPS server on loopback, run by OpenSSL, with a self-signed certificate.
package struct SelfSignedServer: Sendable {
    package let port: Int
    /// PEM; a client that has it as a certificate authority trusts the server.
    package let certificatePath: String

    package var url: String { "https://localhost:\(port)" }

    /// Runs `body` with a server and ends it afterwards. `name` is the host that the certificate is for.
    package static func run(
        name: String = "localhost", _ body: @escaping @Sendable (SelfSignedServer) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "slipway-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A left-over folder is removed by the system.
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, certificate) = ("\(folder.path)/key.pem", "\(folder.path)/certificate.pem")
        let made = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-keyout", key, "-out", certificate, "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)",
            ], output: .discarded)
        guard made.terminationStatus.isSuccess else { throw Failure() }
        _ = try await Subprocess.run(
            .name("openssl"),
            arguments: ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"],
            input: .none, output: .sequence, error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() {
                guard line.hasPrefix("ACCEPT "), let port = Int(line.split(separator: ":").last ?? "") else { continue }
                try await body(SelfSignedServer(port: port, certificatePath: certificate))
                try execution.send(signal: .terminate)
                return
            }
            throw Failure()
        }
    }

    /// OpenSSL did not start.
    package struct Failure: Error {}
}
