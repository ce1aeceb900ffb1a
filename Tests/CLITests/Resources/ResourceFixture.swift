import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Foundation
import Redaction
import Reports
import TestSupport

@testable import CLI

/// A resource command's surroundings: a scripted control plane, and paper for what is printed.
struct ResourceFixture {
    static let deploymentID = "aaaaaaaa-0000-4000-8000-000000000001"
    static let revisionID = "bbbbbbbb-0000-4000-8000-000000000001"

    let stub = StubTransport()
    private let printed = Locked("")
    private let asked = Locked<[String]>([])
    private let recorded = Locked<[DirectChange]>([])
    private let client: ControlPlaneClient
    private let clock = VirtualClock(automatic: true)
    let locks: TemporaryFolder

    private struct Silent: EventObserver {
        func observe(_ event: RunEvent) {}
    }

    init() throws {
        locks = try TemporaryFolder()
        client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.test", source: "test"),
            credentials: try Credentials(apiKey: "lsv2_key", source: "test"), transport: stub,
            clock: clock, jitter: { 1 })
    }

    var output: String { printed.withLock { $0 } }
    var changes: [DirectChange] { recorded.withLock { $0 } }
    var questions: [String] { asked.withLock { $0 } }

    /// `answer` is what the person at the terminal says; nil without one.
    func run<Command: ResourceCommand>(
        _ type: Command.Type, _ arguments: [String], answer: Bool? = nil, input: String = "",
        environment: [String: String] = [:], settings: ProjectSettings = .none, reason: String? = nil
    ) async throws {
        let command = try type.parse(arguments)
        let printer = ResourcePrinter(
            form: command.options.output, style: .plain, width: nil, clean: TextSanitizer(escapesCICommands: false),
            now: Date(timeIntervalSince1970: 1_800_000_000),
            write: { [printed] text in printed.withLock { $0 += text } })
        let ask = answer.map { answer in
            { @Sendable [asked] (question: String) in
                asked.withLock { $0.append(question) }
                return answer
            }
        }
        let context = ResourceContext(
            client: client, printer: printer,
            confirmation: Confirmation(isGiven: command.isConfirmed, ask: ask, askText: { _ in reason }),
            environment: environment, settings: settings,
            record: { [recorded] change in recorded.withLock { $0.append(change) } },
            step: { [locks, clock] name in
                StepContext(
                    outsideOfRun: RunID(rawValue: "here"), step: name, clock: clock,
                    locks: RunLocks(folder: locks.path, waitLimit: command.lockTimeout), observer: Silent())
            },
            readInput: { input })
        try await command.perform(context)
    }

    /// The body of the last request.
    var sentBody: String {
        guard case .bytes(let data)? = stub.requests.last?.body else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    static func deployment(_ fields: String = #""name":"agent""#) -> String {
        #"{"id":"\#(deploymentID)","source":"github","status":"READY",\#(fields)}"#
    }

    static func page(_ resources: String...) -> String {
        #"{"resources":[\#(resources.joined(separator: ","))],"offset":\#(resources.count)}"#
    }
}
