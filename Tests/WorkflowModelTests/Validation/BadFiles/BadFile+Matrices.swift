/// Mistakes in `strategy`.
extension BadFile {
    static let matrices = [
        BadFile(job("strategy: {}"), "5:15: LS005 a strategy needs the key 'matrix'"),
        BadFile(job("strategy: {matrix: {}}"), "5:24: LS022 the matrix is empty"),
        BadFile(job("strategy: {matrix: [a]}"), "5:24: LS006 'matrix' is a mapping, here is a list"),
        BadFile(job("strategy: {matrix: {a: x}}"), "5:28: LS006 'a' is a list, here is text"),
        BadFile(job("strategy: {matrix: {a: []}}"), "5:28: LS022 'a' has no values"),
        BadFile(job("strategy: {matrix: {a: [x, y, x]}}"), "5:24: LS022 the matrix has the row a=x twice"),
        BadFile(
            job("strategy: {matrix: {a: [x], include: [{a: y, b: z}, {a: y, c: z}]}}"),
            "5:24: LS022 two rows of the matrix have the name 'y, z': a=y, b=z and a=y, c=z"),
        BadFile(
            job("strategy: {matrix: {a: [x], exclude: [{a: x}]}}"), "5:24: LS022 no row of the matrix is left"),
        BadFile(
            job("strategy: {matrix: {a: [x], include: [x]}}"),
            "5:43: LS006 'include' is a list of mappings, here is text"),
        BadFile(
            job("strategy: {max-parallel: 0, matrix: {a: [x]}}"), "5:30: LS007 'max-parallel' is 0, not in 1…4096"),
        BadFile(
            job("strategy: {fail-fast: off, matrix: {a: [x]}}"),
            "5:27: LS006 'fail-fast' is true or false, here is text"),
        BadFile(
            job("strategy: {matrix: {a: '${{ needs.k.outputs.list }}'}}"), "5:33: LS012 a matrix cannot look at 'needs'"
        ),
        BadFile(
            job("env: {A: x}", "strategy: {matrix: {a: ['${{ env.A }}']}}"), "6:34: LS012 nothing is named 'env.A'"),
        BadFile(
            job("strategy: {matrix: {a: ['${{ matrix.b }}'], b: [x]}}"), "5:34: LS012 'matrix' is not known here"),
        BadFile(job("strategy: {matrix: {a: ['${{ secrets.X }}']}}"), "5:34: LS011 a secret cannot be used here"),
        BadFile(job("strategy: {matrix: {a b: [x]}}"), "5:25: LS007 'a b' is no name"),
        BadFile(job("strategy: {max-parallel: 1}"), "5:15: LS005 a strategy needs the key 'matrix'"),
    ]
}
