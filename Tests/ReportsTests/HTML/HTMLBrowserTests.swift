import Engine
import Foundation
import TestSupport
import Testing

@testable import Reports

/// What a browser makes of the page.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct HTMLBrowserTests {
    /// What the browser showed, and what it had to say about it.
    private struct Visit {
        var elements: String
        var console: [Substring]
        var requests: [Substring]
    }

    private func visit(_ page: String) async throws -> Visit {
        let folder = FileManager.default.temporaryDirectory.appending(path: "slipway-page-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "page.html")
        try page.write(to: file, atomically: false, encoding: .utf8)
        let network = folder.appending(path: "network.json")
        let answer = try await Tool.answer(
            "chromium",
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-extensions",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--user-data-dir=\(folder.path)/profile", "--enable-logging=stderr", "--log-net-log=\(network.path)",
                "--dump-dom", file.absoluteString,
            ], input: "")
        let log = try String(contentsOf: network, encoding: .utf8)
        return Visit(
            elements: answer.text.lowercased(),
            console: answer.text.split(separator: "\n").filter { $0.contains("CONSOLE") },
            // The browser's own come from no page.
            requests: log.split(separator: "\n").filter { line in
                line.contains("\"url\":\"http") && line.contains("\"method\"") && !line.contains("not an origin")
            })
    }

    @Test(
        .enabled("chromium is needed (apt-get install chromium)") { try await Tool.isInstalled("chromium") },
        arguments: [RunScript.failedAndRolledBack, .hostile])
    func `a browser shows it without an error, a request or a script`(script: RunScript) async throws {
        var script = script
        script.log(["<script>document.title='x'</script><img src='http://127.0.0.1:9/x'>"], in: "wait")
        let visit = try await visit(HTMLReport([RunSummary(events: script.events)]).page)
        #expect(visit.elements.contains("<h3>timeline</h3>"), "\(visit.elements.prefix(2000))")
        #expect(visit.elements.contains("&lt;script&gt;"))
        #expect(!visit.elements.contains("<script"))
        #expect(!visit.elements.contains("<img"))
        #expect(visit.console == [])
        #expect(visit.requests == [])
    }

    @Test(.enabled("chromium is needed (apt-get install chromium)") { try await Tool.isInstalled("chromium") })
    func `this test would see a script, an error and a request`() async throws {
        let visit = try await visit(
            "<!doctype html><meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><img src=x>"
                + "<script src='http://127.0.0.1:9/y.js'></script>")
        #expect(visit.elements.contains("<script"))
        #expect(visit.console != [])
        #expect(visit.requests != [])
    }
}
