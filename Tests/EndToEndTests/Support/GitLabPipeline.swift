import Foundation
import WorkflowModel

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
