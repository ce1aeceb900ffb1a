/// Passes the lines of a build on, within bounds and without the values of secrets.
actor BuildLog {
    let redact: SecretRedaction
    private let write: @Sendable (String) async -> Void
    private var budget: Int
    private(set) var lastLines: [String] = []

    /// 8 MiB are some hundred thousand lines; a build that writes more is caught in a loop.
    init(redact: SecretRedaction, budget: Int = 8 * 1024 * 1024, write: @escaping @Sendable (String) async -> Void) {
        self.redact = redact
        self.budget = budget
        self.write = write
    }

    func append(_ line: String) async {
        let line = redact(line)
        lastLines = (lastLines + [line]).suffix(AgentFailure.mostLastLines)
        guard budget > 0 else { return }
        budget -= line.utf8.count + 1
        await write(line)
        if budget <= 0 { await write("(the rest of the output is left out: it is too long)") }
    }

    /// The failure of one command does not show the lines of the one before.
    func startCommand(_ command: String) async {
        lastLines = []
        await write("$ " + redact(command))
    }
}
