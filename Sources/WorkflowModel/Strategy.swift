/// How a job runs once for each row of a matrix.
package struct Strategy: Sendable {
    package var matrix: Matrix
    /// Nil for no limit.
    package var maxParallel: Int?
    /// The first row that fails stops the others.
    package var failFast: Bool

    package init(matrix: Matrix, maxParallel: Int? = nil, failFast: Bool = true) {
        self.matrix = matrix
        self.maxParallel = maxParallel
        self.failFast = failFast
    }
}
