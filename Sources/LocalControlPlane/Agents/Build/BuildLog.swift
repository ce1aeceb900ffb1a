/// Passes the lines of a build on, within bounds and without the values of secrets.
actor BuildLog {
    let redact: SecretRedaction
    private let write: @Sendable (String) async -> Void
    private var budget: Int
    private var last: [String] = []

    /// 8 MiB are some hundred thousand lines; a build that writes more is caught in a loop.
    init(redact: SecretRedaction, budget: Int = 8 * 1024 * 1024, write: @escaping @Sendable (String) async -> Void) {
        self.redact = redact
        self.budget = budget
        self.write = write
    }

    func append(_ lines: [String]) async {
        last = (last + lines.suffix(AgentFailure.mostLastLines)).suffix(AgentFailure.mostLastLines)
        for line in lines where budget > 0 {
            budget -= line.utf8.count + 1
            await write(redact(line))
            if budget <= 0 { await write("(the rest of the output is left out: it is too long)") }
        }
    }

    var lastLines: [String] { last.map(redact.callAsFunction) }

    /// The failure of one command does not show the lines of the one before.
    func startCommand(_ command: String) async {
        last = []
        await write("$ " + redact(command))
    }
}
