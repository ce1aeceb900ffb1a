import Foundation
import TestSupport

@testable import Dashboard

/// A program that answers what a file says, and writes down how it was called.
struct FakeSlipway: Sendable {
    static let key = "lsv2_pt_secret"

    private let scratch: TemporaryFolder

    var folder: String { scratch.path }

    init() throws {
        scratch = try TemporaryFolder()
        try write("slipway", Self.script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/slipway")
        try answer("status", "[]")
        try answer("history", #"{"entries": []}"#)
        try answer("logs", "")
        try answer("rollback", "")
    }

    /// A rollback waits while there is a file `hold`, and another command `status` while there is one `status.hold`.
    private static let script = """
        #!/bin/sh
        folder=${0%/*}
        for word in "$@"; do printf '[%s]' "$word"; done >>"$folder/calls"
        echo >>"$folder/calls"
        answer=$1
        case "$*" in *--candidates*) answer=candidates ;; esac
        if [ "$answer" = rollback ]; then while [ -e "$folder/hold" ]; do sleep 0.02; done; fi
        while [ -e "$folder/$answer.hold" ]; do sleep 0.02; done
        if [ -e "$folder/$answer.failure" ]; then cat "$folder/$answer.failure" >&2; exit 69; fi
        if [ -e "$folder/$answer.warning" ]; then cat "$folder/$answer.warning" >&2; fi
        exec cat "$folder/$answer"

        """

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }

    func answer(_ command: String, _ text: String) throws { try write(command, text) }

    func fail(_ command: String, _ errors: String) throws { try write(command + ".failure", errors) }

    func warn(_ command: String, _ warnings: String) throws { try write(command + ".warning", warnings) }

    func hold() throws { try write("hold", "") }

    /// The command does not answer until it is let go.
    func hold(_ command: String) throws { try write(command + ".hold", "") }

    func letGo(_ command: String) throws {
        try FileManager.default.removeItem(atPath: folder + "/\(command).hold")
    }

    func letGo() throws { try FileManager.default.removeItem(atPath: folder + "/hold") }

    /// Each with its arguments in brackets.
    var calls: [String] {
        let text = try? String(contentsOfFile: folder + "/calls", encoding: .utf8)
        return (text ?? "").split(separator: "\n").map(String.init)
    }

    /// Those that changed something.
    var rollbacks: [String] { calls.filter { $0.hasPrefix("[rollback]") && !$0.contains("--candidates") } }

    var program: SlipwayProgram {
        SlipwayProgram(
            path: folder + "/slipway", connection: ["--control-plane", "https://plane.example"], stateFolder: folder,
            folder: folder,
            environment: [
                "PATH": "/usr/bin:/bin", "LANGSMITH_API_KEY": Self.key, "LANGSMITH_DEPLOYMENT_NAME": "other",
            ])
    }
}
