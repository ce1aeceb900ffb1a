import ArgumentParser
import Engine
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CLI

/// Which file is read, and how often.
@Suite struct SettingsLoaderTests {
    private let folder: TemporaryFolder
    private let warnings = Warnings()

    private final class Warnings: Sendable {
        private let kept = Mutex<[String]>([])
        var all: [String] { kept.withLock(\.self) }
        func add(_ text: String) { kept.withLock { $0.append(text) } }
    }

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/.git", withIntermediateDirectories: true)
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: folder.path + "/" + name))
    }

    private var cache: SettingsCache { SettingsCache { [warnings] in warnings.add("\($0); \($1)") } }

    private func load(_ cache: SettingsCache, environment: String? = nil) throws -> ProjectSettings {
        try SettingsLoader(folder: folder.path, cache: cache).load(
            try AccessOptions.parse([]), environment: environment.map { ["SLIPWAY_ENVIRONMENT": $0] } ?? [:])
    }

    @Test func `one command sees one state of the file`() throws {
        try write(".slipway.yml", "deployment: first\n")
        let cache = cache
        #expect(try load(cache).deployment?.value == "first")
        try write(".slipway.yml", "deployment: second\n")
        #expect(try load(cache).deployment?.value == "first")
        #expect(try load(self.cache).deployment?.value == "second")
        #expect(warnings.all.isEmpty)
    }

    @Test func `a file with the other ending is not ignored silently`() throws {
        try write(".slipway.yaml", "deployment: agent\n")
        let first = cache
        for _ in 0..<3 { #expect(try load(first) == .none) }
        #expect(warnings.all == [".slipway.yaml is not read; rename it to .slipway.yml"])
        let error = #expect(throws: StepFailure.self) { try load(cache, environment: "production") }
        #expect(error?.hint == "rename .slipway.yaml to .slipway.yml")
        try write(".slipway.yml", "deployment: other\n")
        #expect(try load(cache).deployment?.value == "other")
        #expect(warnings.all.last == ".slipway.yaml is not read; move what it has to .slipway.yml and delete it")
    }
}
