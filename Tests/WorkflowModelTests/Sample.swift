import Foundation
import WorkflowModel

/// Workflow files and step types for the tests of this target.
enum Sample {
    static let signatures = [
        StepSignature(
            uses: "deploy", summary: "",
            inputs: [
                .init("deployment", isRequired: true, "the deployment's name"), .init("ref", "the branch"),
                .init("control-plane", "its address"), .init("api-key-variable", "the variable with its key"),
                .init("paths", "paths"), .init("token", isSecret: true, "a token"),
            ],
            outputs: [.init("deployment-id", ""), .init("deployment-url", ""), .init("revision-id", "")]),
        StepSignature(uses: "wait", summary: "", inputs: [.init("revision-id", "the revision")]),
    ]

    static func validate(_ text: String) -> ValidatedWorkflow {
        WorkflowValidator(signatures: signatures).validate(Array(text.utf8), file: "w.yml")
    }

    /// `line:column: code message`, without the hint.
    static func problems(_ text: String) -> [String] { validate(text).diagnostics.map(brief) }

    static func brief(_ diagnostic: Diagnostic) -> String {
        "\(diagnostic.position.line):\(diagnostic.position.column): \(diagnostic.code.rawValue) \(diagnostic.message)"
    }

    /// A workflow with one job and one step, whose keys stand in line 6 and below, from column 9.
    static func step(_ lines: String...) -> String {
        let head = ["version: 1", "name: w", "jobs:", "  j:", "    steps:"]
        let body = lines.enumerated().map { ($0.offset == 0 ? "      - " : "        ") + $0.element }
        return (head + body).joined(separator: "\n") + "\n"
    }

    static let everything = """
        version: 1
        name: everything
        inputs:
          target: {type: choice, options: [staging, production], default: staging, description: where}
          count: {type: number, default: 12}
          limit: {type: duration, default: 20m}
          force: {type: boolean, required: true}
          tag: {pattern: "v[0-9]+"}
        env: {BRANCH: "${{ git.branch }}", KEY: "${{ secrets.KEY }}"}
        defaults: {timeout: 10m, retry: {attempts: 2}, working-directory: agents}
        jobs:
          test:
            outputs: {list: "${{ steps.list.outputs.list }}"}
            steps:
              - {id: list, run: ./list}
          deploy:
            needs: [test]
            if: git.branch == 'main' && !failure()
            environment: ${{ inputs.target }}
            concurrency: deploy ${{ inputs.target }}
            timeout: ${{ inputs.limit }}
            strategy:
              matrix:
                region: [us, eu]
                tier: ["1", "2"]
                exclude: [{region: eu, tier: "2"}]
                include: [{region: us, zone: a}]
              max-parallel: 2
              fail-fast: false
            env: {REGION: "${{ matrix.region }}"}
            outputs: {id: "${{ steps.deploy.outputs.deployment-id }}"}
            steps:
              - id: deploy
                name: Deploy it
                uses: deploy
                with:
                  deployment: ${{ format('{0}-{1}', inputs.target, matrix.region) }}
                  ref: 12345678
                  paths: [/ok, "/${{ matrix.tier }}"]
                  token: ${{ secrets.TOKEN }}
                timeout: 90s
                retry: {attempts: 3, delay: 5s, backoff: constant, max-delay: 30s, on: [error, timeout]}
              - run: |
                  make smoke
                  echo "$ID"
                env: {ID: "${{ steps.deploy.outputs.revision-id }}"}
                if: inputs.count > 3 || steps.deploy.outcome != 'success'
                continue-on-error: true
                working-directory: ${{ inputs.target }}/x
              - run: [./notify, "${{ toJSON(needs.test.result) }}"]
                if: always()
              - uses: ./smoke.yml
                with: {anything: true}
        outputs: {id: "${{ needs.deploy.outputs.id }}"}

        """
}
