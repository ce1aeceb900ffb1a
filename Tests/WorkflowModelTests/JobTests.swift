import Testing
import WorkflowModel

@Suite struct MatrixTests {
    private func rows(_ matrix: Matrix) throws -> [String] {
        try matrix.rows { $0.constant ?? .null }.map { Value.object($0).text }
    }

    private let axes = [Matrix.Axis("a", .list(["1", "2"])), Matrix.Axis("b", .list(["x", "y"]))]

    @Test func `every combination is a row, the first axis changing slowest`() throws {
        #expect(try rows(Matrix(axes: axes)) == ["a=1,b=x", "a=1,b=y", "a=2,b=x", "a=2,b=y"])
    }

    @Test func `excluded rows are left out, by all of the values given`() throws {
        let matrix = Matrix(axes: axes, exclude: [["a": "1"], ["a": "2", "b": "x"]])
        #expect(try rows(matrix) == ["a=2,b=y"])
    }

    @Test func `an included row extends those whose axes it names, or is a row of its own`() throws {
        let matrix = Matrix(axes: axes, include: [["a": "1", "z": "q"], ["a": "3", "z": "q"]])
        #expect(try rows(matrix) == ["a=1,b=x,z=q", "a=1,b=y,z=q", "a=2,b=x", "a=2,b=y", "a=3,z=q"])
    }

    @Test func `an included row that names an existing combination adds no second one`() throws {
        let matrix = Matrix(axes: axes, include: [["a": "1", "b": "x"], ["a": "3", "b": "x"]])
        #expect(try rows(matrix) == ["a=1,b=x", "a=1,b=y", "a=2,b=x", "a=2,b=y", "a=3,b=x"])
    }

    @Test func `an included row without an axis extends every row, but not those that were added`() throws {
        let matrix = Matrix(axes: [axes[0]], include: [["z": "q"], ["a": "3"], ["z": "r"]])
        #expect(try rows(matrix) == ["a=1,z=r", "a=2,z=r", "a=3"])
    }

    @Test func `values from JSON match the texts of the file`() throws {
        let shards = Matrix.Axis("shard", .literal(.list([.number(1), .number(2), .bool(true)])))
        let matrix = Matrix(axes: [shards], include: [["shard": "1", "z": "q"]], exclude: [["shard": "2"]])
        #expect(try rows(matrix) == ["shard=1,z=q", "shard=true"])
    }

    @Test func `an excluded row that names no axis is an error`() {
        let message = "exclude: unknown axis 'bb'; did you mean 'b'?"
        #expect(throws: ExpressionError(message: message)) {
            try rows(Matrix(axes: axes, exclude: [["bb": "1"]]))
        }
    }

    @Test func `rows can be written one by one`() throws {
        #expect(try rows(Matrix(axes: [], include: [["a": "1"], ["a": "2"]])) == ["a=1", "a=2"])
    }

    @Test func `too many rows are an error before they are made`() {
        let values = Expression.list((0..<100).map { .literal(.number(Double($0))) })
        let matrix = Matrix(axes: ["a", "b", "c", "d"].map { .init($0, values) })
        #expect(throws: ExpressionError(message: "the matrix has more than 4096 rows")) { try rows(matrix) }
    }

    @Test func `an axis must be a list`() {
        #expect(throws: ExpressionError(message: "matrix.a must be a list")) {
            try rows(Matrix(axes: [.init("a", "x")]))
        }
    }
}

@Suite struct RetryPolicyTests {
    @Test func `an exponential pause doubles up to its maximum`() {
        let policy = RetryPolicy(attempts: 9, delay: .seconds(2), maximumDelay: .seconds(10))
        #expect((1...5).map(policy.pause) == [.seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
    }

    @Test func `a constant pause stays as it is`() {
        let policy = RetryPolicy(attempts: 9, delay: .seconds(2), backoff: .constant)
        #expect([1, 2, 50].map(policy.pause) == [.seconds(2), .seconds(2), .seconds(2)])
        #expect(RetryPolicy(attempts: 2, delay: .seconds(90), backoff: .constant).pause(after: 1) == .seconds(60))
    }

    @Test(arguments: [Int.min, -1, 0, 64, Int.max])
    func `no count of tries is out of range`(attempt: Int) {
        let policy = RetryPolicy(attempts: .max, delay: .seconds(8_640_000))
        #expect(policy.pause(after: attempt) == .seconds(60))
    }
}
