import Clocks

/// How long a revision is likely to take yet, by what its deployment's last ones took.
enum ExpectedRemaining {
    /// Nil where nothing is known of the past.
    ///
    /// - Parameter past: from the start of a revision until it was deployed.
    static func text(past: [Duration], age: Duration) -> String? {
        guard !past.isEmpty else { return nil }
        // Those that were done by now say nothing about one that is not.
        let longer = past.filter { $0 > age }.sorted()
        guard let median = longer.dropFirst(longer.count / 2).first else {
            return "longer than the last \(past.count == 1 ? "one" : "\(past.count)") took"
        }
        let seconds = max(1, Int((median - age).seconds.rounded()))
        return "about \(seconds < 10 ? "\(seconds)s" : Duration.seconds(seconds).brief) left"
    }
}
