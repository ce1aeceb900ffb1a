/// Keeps lines, and lets a test wait for one that it expects.
actor LineRecorder {
    private(set) var lines: [String] = []
    private var waiters: [(text: String, continuation: CheckedContinuation<String, Never>)] = []

    func append(_ line: String) {
        lines.append(line)
        let met = waiters.filter { line.hasPrefix($0.text) }
        waiters.removeAll { line.hasPrefix($0.text) }
        for waiter in met { waiter.continuation.resume(returning: line) }
    }

    func line(beginning text: String) async -> String {
        if let line = lines.first(where: { $0.hasPrefix(text) }) { return line }
        return await withCheckedContinuation { waiters.append((text, $0)) }
    }
}
