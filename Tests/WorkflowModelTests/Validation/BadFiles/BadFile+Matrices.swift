/// Mistakes in `strategy`.
extension BadFile {
    static let matrices = [
        BadFile(job("strategy: {}"), "5:15: LS005 missing key 'matrix' in a strategy"),
        BadFile(job("strategy: {matrix: {}}"), "5:24: LS022 the matrix is empty"),
        BadFile(job("strategy: {matrix: [a]}"), "5:24: LS006 'matrix' must be a mapping, found a list"),
        BadFile(job("strategy: {matrix: {a: x}}"), "5:28: LS006 'a' must be a list, found text"),
        BadFile(job("strategy: {matrix: {a: []}}"), "5:28: LS022 'a' has no values"),
        BadFile(job("strategy: {matrix: {a: [x, y, x]}}"), "5:24: LS022 duplicate matrix row: a=x"),
        BadFile(
            job("strategy: {matrix: {a: [x], include: [{a: y, b: z}, {a: y, c: z}]}}"),
            "5:24: LS022 duplicate name 'y, z': a=y, b=z and a=y, c=z"),
        BadFile(
            job("strategy: {matrix: {a: [x], exclude: [{a: x}]}}"), "5:24: LS022 the matrix has no rows"),
        BadFile(
            job("strategy: {matrix: {a: [x], include: [x]}}"),
            "5:43: LS006 'include' must be a list of mappings, found text"),
        BadFile(
            job("strategy: {max-parallel: 0, matrix: {a: [x]}}"), "5:30: LS007 'max-parallel' must be 1…4096, found 0"),
        BadFile(
            job("strategy: {fail-fast: off, matrix: {a: [x]}}"),
            "5:27: LS006 'fail-fast' must be true or false, found text"),
        BadFile(
            job("strategy: {matrix: {a: '${{ needs.k.outputs.list }}'}}"), "5:33: LS012 a matrix cannot use 'needs'"
        ),
        BadFile(
            job("env: {A: x}", "strategy: {matrix: {a: ['${{ env.A }}']}}"), "6:34: LS012 unknown name 'env.A'"),
        BadFile(
            job("strategy: {matrix: {a: ['${{ matrix.b }}'], b: [x]}}"), "5:34: LS012 'matrix' is not available here"),
        BadFile(job("strategy: {matrix: {a: ['${{ secrets.X }}']}}"), "5:34: LS011 secret not allowed here"),
        BadFile(job("strategy: {matrix: {a b: [x]}}"), "5:25: LS007 invalid name 'a b'"),
        BadFile(job("strategy: {max-parallel: 1}"), "5:15: LS005 missing key 'matrix' in a strategy"),
    ]
}
