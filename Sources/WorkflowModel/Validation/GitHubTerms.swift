/// What to write instead of the constructs of GitHub Actions that workflow files do not have, for hints.
enum GitHubTerms {
    /// For an unknown key of a group.
    static func hint(forKey key: String, in group: KeyGroup) -> String? {
        keys["\(group.name).\(key)"]
            ?? (group.keys.contains { $0.name == WorkflowKey.timeout.rawValue } ? anywhere[key] : nil)
    }

    /// For a value of the wrong type.
    static func hint(forTypeOf key: String) -> String? { types[key] }

    /// For an unknown name in an expression.
    static func hint(forName path: [String]) -> String? {
        for length in (1...max(1, path.count)).reversed() {
            if let hint = names[path.prefix(length).joined(separator: ".")] { return hint }
        }
        return nil
    }

    /// For `uses: owner/action@version`.
    static func hint(forAction uses: String) -> String {
        let action = uses.prefix { $0 != "@" }
        if action == "actions/checkout" { return "remove the step: steps run in the working tree" }
        if action.hasPrefix("actions/setup-") { return "install it in the CI job that runs slipway, or in a run step" }
        if uses.hasPrefix("docker://") { return "start the container in a run step: run: docker run …" }
        return "use a built-in step type, ./file.yml or a run step: nothing is downloaded"
    }

    /// The files in which a script leaves values, by GitHub's variable.
    static let files = [
        "GITHUB_OUTPUT": "SLIPWAY_OUTPUT", "GITHUB_ENV": "SLIPWAY_ENV", "GITHUB_PATH": "SLIPWAY_PATH",
    ]

    private static let permissions = "set it on the CI job that runs slipway"

    private static let anywhere = [
        "timeout-minutes": "use timeout with a unit: timeout: 20m",
        "timeout-seconds": "use timeout with a unit: timeout: 90s",
        "retries": "use retry: {attempts: 3}",
    ]

    private static let keys = [
        "workflow.on": "remove it: the CI system starts 'slipway run FILE'; 'inputs' is a key of the workflow",
        "workflow.permissions": permissions,
        "workflow.run-name": "use name",
        "workflow.concurrency": "set concurrency on the jobs",
        "workflow.secrets": "remove it: use ${{ secrets.NAME }} where it is needed",
        "workflow.timeout-minutes": "pass --timeout to slipway run, or set timeout on the jobs",
        "workflow.shell": "set shell on the steps, or in defaults",
        "defaults.run": "write its keys directly: defaults: {shell: bash, working-directory: app}",
        "defaults.env": "use env of the workflow",
        "job.runs-on": "remove it: jobs run where slipway runs",
        "job.name": "use the id of the job as its name",
        "job.permissions": permissions,
        "job.container": "start it in a step: run: docker run …",
        "job.services": "start them in a step: run: docker run -d …; the next steps can use them",
        "job.continue-on-error": "set continue-on-error on the steps, or fail-fast: false in strategy",
        "job.uses": "use the file in a step: steps: [{uses: ./file.yml}]",
        "job.with": "use the file in a step: steps: [{uses: ./file.yml, with: {…}}]",
        "job.secrets": "remove it: a step gets a secret through env: ${{ secrets.NAME }}",
        "job.matrix": "put it in strategy: strategy: {matrix: {…}}",
        "job.defaults": "set defaults on the workflow, or the keys on the steps",
        "job.run": "put it in a step: steps: [{run: make test}]",
        "job.retry": "set retry on the steps, or in defaults",
        "job.working-directory": "set working-directory on the steps, or in defaults",
        "job.shell": "set shell on the steps, or in defaults",
        "step.needs": "set needs on the job",
        "step.args": "make run a list of arguments: run: [program, argument]",
        "step.outputs": "write NAME=VALUE to $SLIPWAY_OUTPUT in the script",
        "step.permissions": permissions,
        "strategy.include": "put it in the matrix: matrix: {include: […]}",
        "strategy.exclude": "put it in the matrix: matrix: {exclude: […]}",
    ]

    private static let types = [
        "retry": "write the number of attempts as retry: {attempts: 3}",
        "env": "write names and values as env: {NAME: value}",
        "environment": "write only its name, as environment: production",
        "concurrency": "write only the name of the group, as concurrency: deploy-production",
        "matrix": "write lists of values by name, as matrix: {region: [us, eu]}",
        "with": "write names and values as with: {deployment: support}",
        "outputs": "write names and values as outputs: {url: \"${{ … }}\"}",
    ]

    private static let event = "pass it as an input: slipway run --input NAME=VALUE"

    private static let names = [
        "github": "use git for the commit and ci for the CI system; see docs/expressions.md",
        "github.sha": "use git.sha", "github.ref": "use git.ref", "github.ref_name": "use git.branch or git.tag",
        "github.ref_type": "use git.branch or git.tag: the other one is null",
        "github.head_ref": "use git.change.head-ref", "github.base_ref": event,
        "github.repository": "use git.remote-url", "github.repositoryUrl": "use git.remote-url",
        "github.repository_owner": "use git.remote-url",
        "github.event_name": "use ci.event", "github.actor": "use ci.actor",
        "github.triggering_actor": "use ci.actor",
        "github.run_id": "use ci.run-id", "github.run_number": "use ci.run-id", "github.run_attempt": "use ci.run-id",
        "github.job": "use ci.job", "github.server_url": "use ci.run-url or git.remote-url",
        "github.workspace": "use relative paths: steps run in the working tree",
        "github.token": "use secrets.GITHUB_TOKEN", "github.workflow": "write the name of the workflow",
        "github.event": event, "github.event.inputs": "use inputs.NAME",
        "github.event.number": "use git.change.number", "github.event.action": "use git.change.action",
        "github.event.pull_request": "use git.change", "github.event.pull_request.number": "use git.change.number",
        "github.event.pull_request.head.sha": "use git.change.head-sha",
        "github.event.pull_request.head.ref": "use git.change.head-ref",
        "github.event.pull_request.head.repo.fork": "use git.change.from-fork",
        "vars": "use inputs.NAME, or env.NAME for a variable of the workflow",
        "runner": "a script sees the machine itself: $(uname), $TMPDIR",
        "job": "use success(), failure() or cancelled() in 'if'",
        "jobs": "use needs.JOB.outputs.NAME", "strategy": "use matrix.NAME",
    ]
}
