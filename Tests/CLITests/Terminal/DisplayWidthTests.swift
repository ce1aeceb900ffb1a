import Testing

@testable import CLI

struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("ü", 1), ("u\u{308}", 1), ("日本", 4), ("한글", 4), ("🚀", 2), ("👩‍👩‍👧", 2), ("❤\u{FE0F}", 2),
        ("…", 1), ("a\u{200B}b", 2), ("ｆｕｌｌ", 8), ("⠋", 1),
    ])
    func `columns are counted as terminals do`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(arguments: [
        ("short", 10, "short"), ("exactly", 7, "exactly"), ("too long", 5, "too …"), ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"), ("👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧…"), ("abc", 1, "a"), ("abc", 0, ""),
    ])
    func `a cut never splits a character and never takes more room`(text: String, columns: Int, expected: String) {
        let cut = text.cut(toColumns: columns, ellipsis: "…")
        #expect(cut == expected)
        #expect(cut.columns <= columns)
    }
}
