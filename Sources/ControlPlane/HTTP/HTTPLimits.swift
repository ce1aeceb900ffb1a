/// How long an attempt may take and how much it may answer (docs/failures.md, row 17).
package struct HTTPLimits: Sendable {
    package var connect: Duration = .seconds(10)
    /// No byte for this long ends the attempt.
    package var idle: Duration = .seconds(10)
    package var total: Duration = .seconds(30)
    package var bodyBytes: Int = 8 << 20

    package init() {}
}
