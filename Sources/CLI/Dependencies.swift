import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Files
import FoundationEssentials
import Git
import Glibc
import Redaction
import Steps

/// The composition root: the only place that creates real clocks, sockets and randomness.
struct Dependencies: Sendable {
    let environment: [String: String]
    let clock: any RunClock
    let jitter: @Sendable () -> Double
    /// Whether the `.slipway.yml` of the working directory applies.
    var readsSettings = true
    let settingsCache = SettingsCache()

    static let real = Dependencies(
        environment: ProcessInfo.processInfo.environment, clock: SystemClock(),
        jitter: { Double.random(in: 0..<1) })

    /// Sortable by start time, and unique within a second.
    func newRunID() -> RunID {
        let stamp = EventTimestamp.text(from: clock.date).filter(\.isNumber).prefix(14)
        return RunID(rawValue: "\(stamp)-\(newSuffix())")
    }

    /// A random suffix for temporary names.
    @Sendable func newSuffix() -> String { String(UInt32.random(in: .min ... .max), radix: 36) }

    /// An unguessable word of lowercase letters.
    @Sendable func newToken() -> String {
        String(decoding: (0..<32).map { _ in UInt8.random(in: UInt8(ascii: "a")...UInt8(ascii: "z")) }, as: UTF8.self)
    }

    var reportWriter: ReportWriter { ReportWriter(newSuffix: newSuffix) }

    /// An unguessable delimiter for values in files that other programs also write to.
    func newDelimiter() -> String { "ghadelimiter_\(UUID().uuidString)" }

    func transport(_ notify: @escaping @Sendable (TransportNotice) -> Void) throws -> Transports {
        do {
            let configuration = CurlConfiguration(
                version: Version.current, certificateAuthorities: CertificateAuthorities.find(in: environment),
                proxies: ProxySettings(environment: environment))
            let curl = try CurlTransport(configuration, clock: clock)
            let counter = RequestCounter()
            let retrying = RetryingTransport(curl, clock: clock, counter: counter, jitter: jitter, notify: notify)
            return Transports(
                plain: curl, retrying: retrying, counter: counter, budgets: RequestBudgets(clock: clock))
        } catch {
            throw StepFailure(.internalError, code: "TransportFailed", error.message)
        }
    }

    var workingDirectory: String { FileManager.default.currentDirectoryPath }

    /// The same without the settings of the repository.
    var withoutSettings: Dependencies {
        var copy = self
        copy.readsSettings = false
        return copy
    }

    /// Larger than any key, in bytes.
    private static let largestKey = 65_536

    private var credentialsLookup: CredentialsLookup {
        CredentialsLookup(
            environment: environment,
            readFile: { path in
                let file = try InputFile(largest: Self.largestKey).read(path)
                return KeyText(file.text, canBeReadAgain: file.canBeReadAgain)
            },
            readStandardInput: { try InputFile(largest: Self.largestKey).firstLine(of: STDIN_FILENO) })
    }

    /// The key that a step names by its variable; nil if that is not set.
    func credentials(in variable: String, tenantID: String?) throws -> Credentials? {
        var lookup = credentialsLookup
        lookup.tenantID = tenantID
        return try lookup.find(stepVariable: variable)
    }

    func credentials(_ options: AccessOptions, _ settings: ProjectSettings) throws -> Credentials {
        var lookup = credentialsLookup
        lookup.apiKeyFile = options.apiKeyFile
        lookup.readsKeyFromStandardInput = options.apiKeyStdin
        lookup.tenantID = options.tenantId
        lookup.fallbackTenant = settings.workspace.map { ($0.value, $0.source) }
        return try lookup.find()
    }

    /// Whether failures become annotations of a GitHub run: the input `annotations` of the action.
    var marksFailures: Bool { environment["SLIPWAY_ANNOTATIONS"] != "off" }

    func ciContext(_ selection: CISelection) -> CIContext {
        CIContext.detect(selection, environment: environment) { path in
            Array(try InputFile().read(path).text.utf8)
        }
    }

    struct Transports: Sendable {
        let plain: CurlTransport
        let retrying: RetryingTransport
        let counter: RequestCounter
        let budgets: RequestBudgets
    }
}
