import ArgumentParser
import Engine
import Foundation
import Testing

@testable import CLI

/// What the documents say is what the program does.
@Suite struct DocumentationTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func read(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static var documents: [String] {
        get throws {
            let docs = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)
            return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
                + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
        }
    }

    @Test func `the table of exit codes is the one in the code`() throws {
        let rows = try Self.read("docs/exit-codes.md").split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        let expected = Verdict.allCases.map { "| \($0.exitCode) | \($0.meaning) |" }
        #expect(rows.map(String.init) == expected)
    }

    @Test func `the help of the root lists every exit code`() {
        let help = RootCommand.helpMessage(columns: 120)
        for verdict in Verdict.allCases { #expect(help.contains("\(verdict.exitCode)  \(verdict.meaning)")) }
    }

    /// Every line of a code block that calls slipway must be a command line that slipway takes.
    @Test func `every slipway command in the documents parses`() throws {
        var parsed = 0
        for document in try Self.documents {
            for line in Self.commandLines(in: try Self.read(document)) {
                parsed += 1
                #expect(throws: Never.self, "\(document): slipway \(line.joined(separator: " "))") {
                    _ = try RootCommand.parseAsRoot(line)
                }
            }
        }
        #expect(parsed >= 6)
    }

    private static func commandLines(in text: String) -> [[String]] {
        var lines: [[String]] = []
        var isCode = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isCode.toggle() }
            let bare = line.trimmingPrefix("$ ").trimmingPrefix("exec ")
            guard isCode, bare.hasPrefix("slipway ") else { continue }
            let command = bare.prefix { $0 != "#" }.split(separator: " ").dropFirst().map(String.init)
            // Without a terminal, as here, a rollback has to say that it means it.
            lines.append(command.first == "rollback" && !command.contains("--yes") ? command + ["--yes"] : command)
        }
        return lines
    }

    @Test func `every link between the documents leads somewhere`() throws {
        for document in try Self.documents {
            let folder = Self.root.appending(path: document).deletingLastPathComponent()
            for match in try Self.read(document).matches(of: /\]\(([^)#\s]+)(#[^)]*)?\)/) {
                let target = String(match.output.1)
                guard !target.contains("://") else { continue }
                let path = folder.appending(path: target).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: path), "\(document) links to \(target)")
            }
        }
    }

    /// Paths in backticks, in the pages that lead through the code: a file that was moved must not be looked for in vain.
    @Test(arguments: ["docs/architecture.md", "docs/glossary.md", "docs/failures.md", "CONTRIBUTING.md"])
    func `every path of the repository that a page names exists`(document: String) throws {
        for match in try Self.read(document).matches(
            of: /`((?:Sources|Tests|docs|schema|scripts|workflows|examples)\/[^`*\s]*)`/)
        {
            let path = String(match.output.1)
            #expect(
                FileManager.default.fileExists(atPath: Self.root.appending(path: path).path), "\(document): \(path)")
        }
    }

    /// The last column of the glossary: a folder or a file, without its ending, below Sources.
    @Test func `every place in the glossary exists`() throws {
        var places = 0
        for row in try Self.read("docs/glossary.md").split(separator: "\n") where row.hasPrefix("| ") {
            let place = row.split(separator: "|").last ?? ""
            for match in place.matches(of: /`([^`]+)`/) {
                places += 1
                let path = Self.root.appending(path: "Sources/\(match.output.1)").path
                let exists = [path, path + ".swift"].contains { FileManager.default.fileExists(atPath: $0) }
                #expect(exists, "\(row)")
            }
        }
        #expect(places >= 40)
    }

    @Test func `the readme is short`() throws {
        #expect(try Self.read("README.md").split(separator: "\n", omittingEmptySubsequences: false).count < 150)
    }
}
