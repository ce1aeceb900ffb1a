import Foundation
import TestSupport
import Testing

/// The reports that a run leaves behind, and those made again from its journal.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ReportTests {
    private func path(_ name: String, in sandbox: Sandbox) -> String { "\(sandbox.repository.folder)/\(name)" }

    private func text(_ name: String, in sandbox: Sandbox) throws -> String {
        try String(contentsOfFile: path(name, in: sandbox), encoding: .utf8)
    }

    private func flags(_ prefix: String, in sandbox: Sandbox) -> [String] {
        [
            "--html", path("\(prefix).html", in: sandbox), "--summary", path("\(prefix).md", in: sandbox),
            "--dotenv", path("\(prefix).env", in: sandbox), "--annotations", path("\(prefix).links", in: sandbox),
        ]
    }

    /// Every report says `outcome`, as the JSON report does.
    private func expectAgreement(_ prefix: String, _ outcome: String, in sandbox: Sandbox) throws {
        let report = try sandbox.readReport()
        #expect(report.result == outcome)
        #expect(try text("\(prefix).html", in: sandbox).contains("<article class=\"\(outcome)\">"))
        #expect(try text("\(prefix).html", in: sandbox).contains("exit code \(report.exitCode) · "))
        #expect(try text("\(prefix).md", in: sandbox).contains("exit code \(report.exitCode) |"))
        #expect(try text("\(prefix).env", in: sandbox).hasPrefix("SLIPWAY_RESULT=\(outcome)\n"))
        #expect(try text("\(prefix).links", in: sandbox).hasPrefix("{"))
        #expect(try text("TEST-report.xml", in: sandbox).contains("<failure ") == (outcome == "failure"))
    }

    /// A run on GitHub: its files, and the variables that name them.
    private func stepFiles(in sandbox: Sandbox) throws -> [String: String] {
        for name in ["step-summary", "step-output"] {
            try "before\n".write(toFile: path(name, in: sandbox), atomically: false, encoding: .utf8)
        }
        return [
            "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": path("step-summary", in: sandbox),
            "GITHUB_OUTPUT": path("step-output", in: sandbox),
        ]
    }

    @Test func `all reports of a failed deploy agree, and come out the same from its journal`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("Good")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy(flags("good", in: sandbox)).code == 0)
            try expectAgreement("good", "success", in: sandbox)
            try await sandbox.commit(build: "echo '<script>x</script>'; exit 3", "Bad")
            #expect(try await sandbox.deploy(flags("bad", in: sandbox)).code == 1)
            try expectAgreement("bad", "failure", in: sandbox)
        }
        let again = try await sandbox.slipway(
            "report", "--html", path("again.html", in: sandbox), "--summary", path("again.md", in: sandbox), "--json",
            path("again.json", in: sandbox), "--junit", path("again.xml", in: sandbox))
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.output.first?.hasPrefix("FAILED: ") == true)
        #expect(try text("again.html", in: sandbox) == text("bad.html", in: sandbox))
        #expect(try text("again.md", in: sandbox) == text("bad.md", in: sandbox))
        #expect(
            try text("again.json", in: sandbox) == String(contentsOfFile: sandbox.report, encoding: .utf8))
        #expect(try text("again.xml", in: sandbox) == text("TEST-report.xml", in: sandbox))
        try await expectMerge(in: sandbox)
        // The code of the runs, when it is asked for.
        #expect(try await sandbox.slipway("report", "--exit-code").code == 1)
        let all = sandbox.state + "/runs"
        #expect(try await sandbox.slipway("report", all, "--exit-code").code == 1)
        #expect(try await sandbox.slipway("report", all).code == 0)
        let runs = try FileManager.default.contentsOfDirectory(atPath: all).sorted()
        #expect(try await sandbox.slipway("report", try #require(runs.first), "--exit-code").code == 0)
    }

    private func expectMerge(in sandbox: Sandbox) async throws {
        let runs = try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/runs")
        #expect(runs.count == 2)
        let journals = try runs.map { "\(sandbox.state)/runs/\($0)/journal.jsonl" }.sorted { one, other in
            let dates = try [one, other].map {
                try FileManager.default.attributesOfItem(atPath: $0)[.modificationDate] as? Date ?? .distantPast
            }
            return dates[0] < dates[1]
        }
        let merged = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
            .run(Binaries.slipway, ["report", "--output", "json"] + journals)
        #expect(merged.code == 0)
        let value = try JSONSerialization.jsonObject(with: Data(merged.output.joined().utf8)) as? [String: Any]
        #expect(value?["exit_code"] as? Int == 1)
        #expect((value?["runs"] as? [[String: Any]])?.map { $0["result"] as? String } == ["success", "failure"])
    }

    @Test func `all reports are written when SIGTERM ends the run`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        try await sandbox.commit(build: gate.command, "Slow")
        let ending = try await sandbox.deploy(flags("cut", in: sandbox)) { deploy in
            try await deploy.line { $0.contains("\"BUILDING\"") }
            deploy.send(SIGTERM)
        }
        #expect(ending.code == 143, "\(ending.errors)")
        try expectAgreement("cut", "cancellation", in: sandbox)
        try gate.open()
    }

    @Test func `a step on GitHub gets its summary, its outputs and its annotations`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit(build: "exit 3", "Bad")
        let ending = try await sandbox.slipway(
            "deploy", "--control-plane", "local", "--deployment", "agent", environment: stepFiles(in: sandbox))
        #expect(ending.code == 1, "\(ending.errors)")
        #expect(ending.errors.contains("\n::error title=BuildFailed::FAILED: "))
        #expect(try text("step-summary", in: sandbox).hasPrefix("before\n### ❌ FAILED"))
        let outputs = try text("step-output", in: sandbox)
        #expect(outputs.hasPrefix("before\nresult<<ghadelimiter_"))
        #expect(outputs.contains("\nfailure\n"))
        #expect(outputs.contains("\nrun-json<<ghadelimiter_"))
    }

    @Test func `a disk that fills up turns a success into 73, and leaves a failure what it is`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("Good")
        var environment = try stepFiles(in: sandbox)
        environment["GITHUB_OUTPUT"] = "/dev/full"
        try await sandbox.serving { _ in
            let good = try await sandbox.slipway(
                "deploy", "--control-plane", "local", "--deployment", "agent", environment: environment)
            #expect(good.code == 73, "\(good.errors)")
            #expect(good.errors.contains("cannot write the report '/dev/full': No space left on device"))
            try await sandbox.commit(build: "exit 3", "Bad")
            let bad = try await sandbox.slipway(
                "deploy", "--control-plane", "local", "--deployment", "agent", environment: environment)
            #expect(bad.code == 1, "\(bad.errors)")
            #expect(bad.errors.contains("No space left on device"))
        }
    }

    @Test func `a deploy that may not begin has reports and outputs too`() async throws {
        let sandbox = try await Sandbox()
        var environment = try stepFiles(in: sandbox)
        environment["LANGSMITH_API_KEY_FILE"] = "/no/such/key"
        let ending = try await sandbox.slipway(
            "deploy", "--deployment", "agent", "--junit", sandbox.junit, "--json", sandbox.report, "--output", "json",
            environment: environment)
        #expect(ending.code == 78, "\(ending.errors)")
        #expect(try sandbox.readReport().exitCode == 78)
        #expect(ending.errors.hasPrefix("::error title="), "\(ending.errors)")
        let printed = try JSONSerialization.jsonObject(with: Data(ending.output.joined().utf8)) as? [String: Any]
        #expect(printed?["exit_code"] as? Int == 78)
        #expect(try text("TEST-report.xml", in: sandbox).contains("<error type="))
        #expect(try text("step-summary", in: sandbox).hasPrefix("before\n### ⚠️ ERROR: "))
        #expect(try text("step-output", in: sandbox).contains("\nerror\n"))
    }

    /// Runs a line of the shell beside the journal of a made-up run, `$slipway` being the program.
    private func shell(_ line: String) async throws -> (ending: Finished, sandbox: Sandbox) {
        let sandbox = try await Sandbox()
        let folder = sandbox.state + "/runs/20260301120000-x"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let event = """
            {"v":1,"ts":"2026-03-01T12:00:00.000Z","seq":1,"type":"run.started","run_id":"20260301120000-x",\
            "journal_format":2,\
            "workflow":"deploy","tool_name":"slipway","tool_version":"0.1.0","inputs":{}}
            {"v":1,"ts":"2026-03-01T12:00:01.000Z","seq":2,"type":"run.finished","run_id":"20260301120000-x",\
            "verdict":"failed","duration_ms":1000}

            """
        try event.write(toFile: folder + "/journal.jsonl", atomically: false, encoding: .utf8)
        let environment = sandbox.environment.merging(["slipway": Binaries.slipway]) { $1 }
        let ending = try await Program(environment: environment, folder: sandbox.repository.folder)
            .run("/bin/bash", ["-c", line])
        return (ending, sandbox)
    }

    @Test(arguments: [
        ("\"$slipway\" report; echo $?", "0"), ("\"$slipway\" report --junit a --html ./a; echo $?", "64"),
        ("\"$slipway\" report no-such-run; echo $?", "64"), ("\"$slipway\" report --junit /proc/x/y; echo $?", "73"),
        ("\"$slipway\" report --output json >&-; echo $?", "0"), ("\"$slipway\" report >/dev/full; echo $?", "73"),
        ("\"$slipway\" report --output json | true; echo ${PIPESTATUS[0]}", "0"),
    ])
    func `report ends with 0 where it wrote what it was asked for, or nobody listens`(line: String, code: String)
        async throws
    {
        let (ending, _) = try await shell(line)
        #expect(ending.output.last == code, "\(ending.errors)")
    }

    private static let workflow = "version: 1\\nname: w\\njobs: {a: {steps: [{run: echo hello}]}}\\n"

    @Test(arguments: [
        (
            #"printf "$w" | "$slipway" run - --json - | python3 -c 'import json,sys; json.load(sys.stdin); print(1)'"#,
            "1"
        ),
        (#""$slipway" run <(printf "$w") >/dev/null; echo $?"#, "0"),
        (#"printf 'version: 1\nx: 2\n' | "$slipway" validate - | grep -c '^<stdin>:2:'"#, "1"),
        (
            #"printf "$w" | "$slipway" run - --json >(grep -Ec '\"exit_code\" ?: ?0' >n) >/dev/null; sleep 0.3; cat n"#,
            "1"
        ),
        (#"printf "$w" | "$slipway" run - --json /dev/fd/3 3>j >/dev/null; grep -Ec '\"exit_code\" ?: ?0' j"#, "1"),
        (#"printf "$w" | "$slipway" run - --json /dev/stdout >j; grep -Ec '\"exit_code\" ?: ?0' j"#, "1"),
        (#"printf "$w" | "$slipway" run - --json j >/dev/full; echo $?; grep -Ec '\"exit_code\" ?: ?73' j"#, "1"),
        (
            #"printf "$w" | "$slipway" run - --json j --junit /dev/full >/dev/null; grep -Ec '\"exit_code\" ?: ?73' j"#,
            "1"
        ),
        (#"printf "$w" | "$slipway" run - --json - --output json >/dev/null; echo $?"#, "64"),
        (#""$slipway" report /dev/zero; echo $?"#, "64"),
    ])
    func `files of the command line may be pipes, and - is a standard stream`(line: String, last: String) async throws {
        let (ending, sandbox) = try await shell("w='\(Self.workflow)'; cd \"$(mktemp -d)\"; \(line)")
        #expect(ending.output.last == last, "\(ending.errors)")
        #expect(!FileManager.default.fileExists(atPath: path("-", in: sandbox)))
    }

    @Test func `a report that grows too long for its place leaves the earlier one, and nothing else`() async throws {
        let (ending, sandbox) = try await shell(
            "echo earlier > page.html; ulimit -f 1; \"$slipway\" report --html page.html >/dev/null; echo $?; ls -A | grep page"
        )
        #expect(ending.output == ["73", "page.html"], "\(ending.errors)")
        #expect(try text("page.html", in: sandbox) == "earlier\n")
        #expect(ending.errors.contains("File too large"))
    }

    @Test func `cases name the file that a step uses, and again when the report is made again`() async throws {
        let sandbox = try await Sandbox()
        try sandbox.repository.write(
            "ci/main.yml", "version: 1\nname: main\njobs:\n  a:\n    steps:\n      - uses: ./parts/smoke.yml\n")
        try sandbox.repository.write(
            "ci/parts/smoke.yml", "version: 1\nname: smoke\njobs:\n  b:\n    steps: [{run: exit 3}]\n")
        let ending = try await sandbox.slipway(
            "run", sandbox.repository.path + "/ci/main.yml", "--junit", path("TEST-report.xml", in: sandbox))
        #expect(ending.code == 1, "\(ending.errors)")
        let report = try text("TEST-report.xml", in: sandbox)
        #expect(report.contains(#"file="ci/main.yml" line="6""#), "\(report)")
        #expect(report.contains(#"file="ci/parts/smoke.yml" line="5""#), "\(report)")
        // What it says of the run is what the run's files said.
        try sandbox.repository.write("ci/main.yml", "other")
        let again = try await sandbox.slipway("report", "--junit", path("again.xml", in: sandbox))
        #expect(again.code == 0, "\(again.errors)")
        #expect(try text("again.xml", in: sandbox) == report)
    }
}
