import Foundation
import TestSupport
import WorkflowModel

/// A machine that runs the jobs of a GitLab pipeline the way gitlab-runner's shells do: one generated script whose
/// lines are evaluated in a pipe, signals to the process group, artifacts afterwards.
///
/// scripts/conformance/gitlab_runner.py runs the components in gcil. This one stays for what gcil lacks: a component that
/// is included twice, rules, patterns of inputs, gitlab-runner's script, and the limits of dotenv files.
struct FakeGitLabRunner: Sendable {
    let folder: String
    let remote: GitFixture
    /// Of the project and the pipeline.
    var variables: [String: String]
    var shell = "/bin/bash"

    struct JobRun: Sendable {
        var code: Int32
        var lines: [String]
        var signals: Int
        var environmentURL: String
        /// What later jobs get.
        var dotenv: [String: String]
        var junit: String
        var annotations: Value
    }

    init(remote: GitFixture, sha: String, branch: String = "main") throws {
        self.remote = remote
        folder = remote.folder + "/gitlab-" + UUID().uuidString.prefix(8)
        for part in ["bin", "home", "project"] {
            try FileManager.default.createDirectory(
                atPath: folder + "/" + part, withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/bin/slipway", withDestinationPath: Binaries.slipway)
        variables = [
            "PATH": folder + "/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
            "HOME": folder + "/home", "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "CI": "true",
            "GITLAB_CI": "true", "CI_PROJECT_DIR": folder + "/project", "CI_PROJECT_PATH": "acme/agents",
            "CI_COMMIT_SHA": sha, "CI_COMMIT_REF_NAME": branch, "CI_COMMIT_REF_SLUG": branch,
            "CI_COMMIT_BRANCH": branch, "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_ID": "7", "CI_JOB_ID": "8",
            "CI_JOB_URL": "https://gitlab.example.com/acme/agents/-/jobs/8", "CI_JOB_TIMEOUT": "3600",
            "CI_JOB_STARTED_AT": Date.now.formatted(.iso8601), "SLIPWAY_IMAGE": "registry.example.com/slipway:0.1.0",
        ]
    }

    /// Runs a job; `stopsAt` cancels it at a line that it prints.
    func run(
        _ name: String, of pipeline: GitLabPipeline, stopsAt: @Sendable (String) -> Bool = { _ in false }
    ) async throws -> JobRun {
        guard let job = pipeline.jobs[name] else { throw GitLabPipeline.Refused(reason: "there is no job \(name)") }
        var environment = variables
        for (key, value) in job["variables"].members { environment[key] = expand(value.text, environment) }
        let project = folder + "/project"
        try await checkOut(environment, project)
        let script = folder + "/script-\(UUID().uuidString)"
        try Data(text(job["script"].elements.map(\.text)).utf8).write(to: URL(filePath: script))
        let ending = try await ScriptProcess(environment: environment, folder: project)
            .run(shell, [script], stop: .gitlab, stopsAt: stopsAt)
        return try result(ending, job["artifacts"]["reports"], job["environment"]["url"].text, environment, project)
    }

    private func result(
        _ ending: ScriptProcess.Ending, _ reports: Value, _ url: String, _ environment: [String: String],
        _ project: String
    ) throws -> JobRun {
        func contents(_ kind: String) -> String { FakeRunner.text(of: project + "/" + reports[kind].text) }
        let dotenv = try Self.dotenv(contents("dotenv"))
        let annotations = contents("annotations")
        return JobRun(
            code: ending.code, lines: ending.lines, signals: ending.signals,
            environmentURL: expand(url, environment.merging(dotenv) { $1 }), dotenv: dotenv,
            junit: contents("junit"),
            annotations: annotations.isEmpty
                ? .null : try JSONDecoder().decode(Value.self, from: Data(annotations.utf8)))
    }

    /// gitlab-runner's script: each line is shown, then run, all of it evaluated at the end of a pipe.
    private func text(_ lines: [String]) -> String {
        let body = lines.map { "echo \(quoted("$ " + $0))\n\($0)\n" }.joined()
        // In a container the shell is process 1, which a signal without a handler does not end.
        return """
            trap : TERM
            if set -o | grep pipefail > /dev/null; then set -o pipefail; fi; set -o errexit
            set +o noclobber
            : | eval \(quoted(body))
            exit 0
            """
    }

    private func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// Detached at the pipeline's commit, with the branch as a remote one; nothing with `GIT_STRATEGY: none`.
    private func checkOut(_ environment: [String: String], _ project: String) async throws {
        if environment["GIT_STRATEGY"] == "none" { return }
        try FileManager.default.removeItem(atPath: project)
        try FileManager.default.createDirectory(atPath: project, withIntermediateDirectories: true)
        let branch = environment["CI_COMMIT_REF_NAME", default: "main"]
        let depth = environment["GIT_DEPTH", default: "20"]
        for arguments in [
            ["init", "--quiet", "."], ["remote", "add", "origin", "file://" + remote.path],
            ["fetch", "--quiet"] + (depth == "0" ? [] : ["--depth=" + depth])
                + ["origin", "+refs/heads/\(branch):refs/remotes/origin/\(branch)"],
            ["checkout", "--quiet", "--force", "--detach", environment["CI_COMMIT_SHA", default: ""]],
        ] {
            let ending = try await ScriptProcess(environment: environment, folder: project)
                .run("/usr/bin/env", ["git", "-c", "advice.detachedHead=false"] + arguments)
            guard ending.code == 0 else { throw GitLabPipeline.Refused(reason: ending.lines.joined(separator: "\n")) }
        }
    }

    private func expand(_ text: String, _ variables: [String: String]) -> String {
        text.replacing(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/) { variables[String($0.output.1)] ?? "" }
    }

    /// Throws for what makes GitLab refuse the whole file.
    private static func dotenv(_ text: String) throws -> [String: String] {
        guard text.utf8.count <= 5 << 10 else { throw GitLabPipeline.Refused(reason: "dotenv over 5 KB") }
        let lines = text.split(separator: "\n")
        guard lines.count <= 20 else { throw GitLabPipeline.Refused(reason: "more than 20 variables") }
        return try lines.reduce(into: [:]) { values, line in
            guard let match = line.wholeMatch(of: /([A-Za-z0-9_]+)=([^\s'"]*)/) else {
                throw GitLabPipeline.Refused(reason: "dotenv: \(line)")
            }
            values[String(match.output.1)] = String(match.output.2)
        }
    }
}

/// A `.gitlab-ci.yml` as GitLab makes one of it: components with their inputs filled in, and what the file adds.
struct GitLabPipeline {
    struct Refused: Error {
        var reason: String
    }

    private(set) var jobs: [String: Value]

    /// Throws `Refused` for what GitLab would not take.
    init(_ path: String) throws {
        let file = try CIDocument.read(path)
        var merged: Value = .object([:])
        for include in file["include"].elements {
            merged = merged.merging(try Self.component(include["component"].text, include["inputs"].members))
        }
        merged = merged.merging(.object(file.members.filter { $0.key != "include" }))
        jobs = merged.members.filter { $0.value["script"] != .null }
    }

    /// A component by itself.
    init(component name: String, inputs: [String: Value]) throws {
        jobs = try Self.component("HOST/GROUP/slipway/\(name)@0.1.0", inputs).members
    }

    private static func component(_ address: String, _ given: [String: Value]) throws -> Value {
        guard let name = address.split(separator: "@").first?.split(separator: "/").last else {
            throw Refused(reason: "no component: \(address)")
        }
        let path = Binaries.root + "/templates/\(name)/template.yml"
        let documents = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n---\n")
        guard documents.count == 2 else { throw Refused(reason: "\(path) is not two documents") }
        let values = try inputs(CIDocument.parse(documents[0])["spec"]["inputs"].members, given)
        // As GitLab does it: text for text, before anything is parsed.
        let text = values.reduce(documents[1]) { $0.replacing("$[[ inputs.\($1.key) ]]", with: $1.value) }
        guard !text.contains("$[[") else { throw Refused(reason: "an input is not declared: \(text)") }
        return try CIDocument.parse(text)
    }

    private static func inputs(_ declared: [String: Value], _ given: [String: Value]) throws -> [String: String] {
        for name in given.keys where declared[name] == nil { throw Refused(reason: "there is no input \(name)") }
        return try declared.reduce(into: [:]) { values, input in
            let value = given[input.key] ?? input.value["default"]
            guard value != .null else { throw Refused(reason: "the input \(input.key) is missing") }
            if case .list(let options) = input.value["options"], !options.contains(value) {
                throw Refused(reason: "\(input.key) has no option \(value.text)")
            }
            if let pattern = input.value["regex"].string, try Regex(pattern).wholeMatch(in: value.text) == nil {
                throw Refused(reason: "\(input.key) does not match \(pattern)")
            }
            values[input.key] = value.text
        }
    }

    /// How a job is part of a pipeline with these variables: nil when it is not.
    func part(_ name: String, _ variables: [String: String]) throws -> String? {
        guard let job = jobs[name] else { throw Refused(reason: "there is no job \(name)") }
        let rules = job["rules"].elements
        if rules.isEmpty { return "on_success" }
        for rule in rules where rule["if"] == .null || Self.isTrue(rule["if"].text, variables) {
            return rule["when"].string ?? "on_success"
        }
        return nil
    }

    /// Comparisons of variables and texts, joined by `&&`: what our rules are made of.
    private static func isTrue(_ condition: String, _ variables: [String: String]) -> Bool {
        func value(_ word: String) -> String {
            word.hasPrefix("$") ? variables[String(word.dropFirst())] ?? "" : word.trimmingCharacters(in: ["\""])
        }
        return condition.components(separatedBy: " && ").allSatisfy { part in
            let sides = part.components(separatedBy: " == ").map { $0.trimmingCharacters(in: .whitespaces) }
            return sides.count == 2 ? value(sides[0]) == value(sides[1]) : !value(sides[0]).isEmpty
        }
    }
}

extension Value {
    /// The other's keys win, mappings are joined, lists are replaced.
    fileprivate func merging(_ other: Value) -> Value {
        guard case .object(let mine) = self, case .object(let others) = other else { return other }
        return .object(mine.merging(others) { $0.merging($1) })
    }
}
