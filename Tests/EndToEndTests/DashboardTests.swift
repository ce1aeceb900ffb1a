import Foundation
import TestSupport
import Testing

/// The dashboard as it is installed, in front of a local control plane.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct DashboardTests {
    /// What a browser does: exchanges the link, fills in the form, and reports what it was answered.
    private static let browser = """
        import http.cookiejar, json, re, sys, urllib.error, urllib.parse, urllib.request as u
        link, reason = sys.argv[1:3]
        base = link.split("/sign-in")[0]
        path = base + "/deployments/agent/rollback"
        opener = u.build_opener(u.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        def get(url, opener=opener, **headers):
            try:
                answer = opener.open(u.Request(url, headers=headers), timeout=30)
            except urllib.error.HTTPError as error:
                answer = error
            return answer.status, answer.read().decode(), answer.url
        said = {"signed_out": get(base + "/", u.build_opener())[0], "signed_in": get(link)[0]}
        said["again"] = get(link, u.build_opener())[0]
        said["rebound"] = get(base + "/", Host="attacker.example")[0]
        status, form, _ = get(path)
        said["form"] = status
        def field(name):
            found = re.search(f'name="{name}"[^>]* value="([^"]*)"', form)
            return found.group(1) if found else ""
        fields = {name: field(name) for name in ["token", "id", "live", "to"]} | {"reason": reason, "name": "agent"}
        data = urllib.parse.urlencode(fields).encode()
        def post(origin):
            try:
                answer = opener.open(u.Request(path, data=data, headers={"Origin": origin}), timeout=30)
            except urllib.error.HTTPError as error:
                answer = error
            return answer.status, answer.url
        said["foreign"] = post("http://attacker.example")[0]
        said["posted"], said["progress"] = post(base)
        print(json.dumps(said))
        """

    private struct Answers: Decodable {
        var signedOut: Int
        var signedIn: Int
        var again: Int
        var rebound: Int
        var form: Int
        var foreign: Int
        var posted: Int
        var progress: String
    }

    private struct History: Decodable {
        struct Entry: Decodable {
            struct Record: Decodable {
                var verdict: String?
                var reason: String?
            }

            struct Commit: Decodable {
                var sha: String
            }

            var change: String
            var live: Bool
            var commit: Commit?
            var record: Record?
        }

        var entries: [Entry]
    }

    private func decode<Value: Decodable>(_ lines: [String]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(lines.joined(separator: "\n").utf8))
    }

    private func newest(_ sandbox: Sandbox) async throws -> History.Entry {
        let ending = try await sandbox.slipway(
            "history", "agent", "--control-plane", "local", "--output", "json", "--limit", "1")
        let history: History = try decode(ending.output)
        return try #require(history.entries.first)
    }

    private func browse(_ link: String, reason: String, _ sandbox: Sandbox) async throws -> Answers {
        let ending = try await Program(environment: sandbox.environment, folder: sandbox.repository.folder)
            .run("/usr/bin/env", ["python3", "-c", Self.browser, link, reason])
        #expect(ending.code == 0, "\(ending.errors)")
        return try decode(ending.output)
    }

    private func dashboard(
        _ sandbox: Sandbox, _ arguments: String..., body: (Running, String) async throws -> Void
    ) async throws -> Finished {
        try await Program(environment: sandbox.environment, folder: sandbox.repository.path).run(
            Binaries.slipway, ["dashboard", "--control-plane", "local"] + arguments
        ) { running in
            let line = try await running.line { $0.hasPrefix("dashboard: ") }
            try await body(running, String(line.dropFirst("dashboard: ".count)))
            running.send(SIGINT)
        }
    }

    @Test func `a rollback on the page is that of the command, and outlives the dashboard`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        let wait = "while ! test -e '\(sandbox.repository.folder)/gate'; do sleep 0.1; done"
        let start = "\(wait); exec python3 agent.py --port {port}"
        try gate.open()
        try await sandbox.serving { _ in
            let good = try await sandbox.commit(start: start, "Good")
            #expect(try await sandbox.deploy().code == 0)
            try await sandbox.commit(start: start, "Bad")
            #expect(try await sandbox.deploy().code == 0)

            try gate.close()
            let ending = try await dashboard(sandbox) { _, link in
                let said = try await browse(link, reason: "answers in <b>French</b>", sandbox)
                #expect(said.signedOut == 401)
                #expect(said.signedIn == 200)
                #expect(said.again == 403)
                #expect(said.rebound == 421)
                #expect(said.form == 200)
                #expect(said.foreign == 403)
                #expect(said.posted == 200)
                #expect(said.progress.contains("/rollbacks/"))
            }
            #expect(ending.code == 0, "\(ending.errors)")
            #expect(ending.errors.contains("the rollback of agent continues"))
            try gate.open()
            var newest = try await newest(sandbox)
            while newest.change != "rolled_back" || newest.record?.verdict == nil {
                newest = try await self.newest(sandbox)
            }
            #expect(newest.change == "rolled_back")
            #expect(newest.live)
            #expect(newest.commit?.sha == good)
            #expect(newest.record?.verdict == "success")
            #expect(newest.record?.reason == "answers in <b>French</b>")
            #expect(try await sandbox.revisionCount() == 3)
        }
    }

    @Test func `a read-only dashboard shows and changes nothing`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            let ending = try await dashboard(sandbox, "--read-only") { _, link in
                let said = try await browse(link, reason: "no", sandbox)
                #expect(said.signedIn == 200)
                #expect(said.form == 404)
                #expect([403, 404, 405].contains(said.posted))
            }
            #expect(ending.code == 0, "\(ending.errors)")
            #expect(try await sandbox.revisionCount() == 1)
        }
    }

    @Test func `a port that is taken is an error with a hint`() async throws {
        let sandbox = try await Sandbox()
        let ending = try await dashboard(sandbox) { _, link in
            let port = try #require(URL(string: link)?.port)
            let second = try await Program(environment: sandbox.environment, folder: sandbox.repository.path).run(
                Binaries.slipway, ["dashboard", "--control-plane", "local", "--port", String(port)])
            #expect(second.code == 78)
            #expect(second.errors.contains("cannot listen on 127.0.0.1:\(port)"))
            #expect(second.errors.contains("hint: use another --port"))
        }
        #expect(ending.code == 0, "\(ending.errors)")
    }

    @Test func `a browser is opened with a private file, because arguments are seen by everybody`() async throws {
        var sandbox = try await Sandbox()
        let folder = sandbox.repository.folder
        let opener =
            "#!/bin/sh\nstat -c %a \"$1\" >'\(folder)/mode'\ncp \"$1\" '\(folder)/page'\necho \"$@\" >'\(folder)/opened'\n"
        try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
        try opener.write(toFile: folder + "/bin/xdg-open", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/bin/xdg-open")
        sandbox.path = folder + "/bin:"
        let ending = try await dashboard(sandbox, "--open") { _, link in
            while !FileManager.default.fileExists(atPath: folder + "/opened") {
                try await Task.sleep(for: .milliseconds(10))
            }
            let token = try #require(link.split(separator: "=").last)
            #expect(try !String(contentsOfFile: folder + "/opened", encoding: .utf8).contains(token))
            #expect(try String(contentsOfFile: folder + "/page", encoding: .utf8).contains(link))
            #expect(try String(contentsOfFile: folder + "/mode", encoding: .utf8) == "600\n")
        }
        #expect(ending.code == 0, "\(ending.errors)")
    }

    @Test func `a rollback of what is not live any more is refused, and the choice is JSON`() async throws {
        struct Offer: Decodable {
            struct Candidate: Decodable {
                struct Revision: Decodable { var id: String }

                var isTarget: Bool
                var revision: Revision
                var changes: [String]
            }

            struct Live: Decodable { var id: String }

            var live: Live
            var candidates: [Candidate]
        }

        let sandbox = try await Sandbox()
        try await sandbox.commit("Good")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            try await sandbox.commit("Bad")
            #expect(try await sandbox.deploy().code == 0)
            let listed = try await sandbox.slipway("rollback", "agent", "--control-plane", "local", "--candidates")
            #expect(listed.code == 0, "\(listed.errors)")
            let offer: Offer = try decode(listed.output)
            let target = try #require(offer.candidates.first)
            #expect(target.isTarget)
            #expect(target.changes.first?.hasPrefix("removes 1 commit") == true)

            let base = ["rollback", "agent", "--control-plane", "local", "--yes", "--if-live"]
            let program = Program(environment: sandbox.environment, folder: sandbox.repository.path)
            let refused = try await program.run(Binaries.slipway, base + [target.revision.id])
            #expect(refused.code == 75)
            #expect(refused.errors.contains("live revision changed"))
            #expect(try await sandbox.revisionCount() == 2)
            let done = try await program.run(Binaries.slipway, base + [offer.live.id])
            #expect(done.code == 0, "\(done.errors)")
            #expect(try await sandbox.revisionCount() == 3)
        }
    }

    @Test func `a missing key is an error at once`() async throws {
        let sandbox = try await Sandbox()
        let ending = try await sandbox.slipway("dashboard", "--control-plane", "https://plane.example")
        #expect(ending.code == 78 || ending.code == 77)
        #expect(ending.output.isEmpty)
    }
}
