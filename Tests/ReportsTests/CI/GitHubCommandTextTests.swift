import Testing

@testable import Reports

struct GitHubCommandTextTests {
    @Test(arguments: [
        ("50% done, really: yes", "50%25 done, really: yes"), ("two\nlines", "two%0Alines"),
        ("two\r\nlines\r", "two%0D%0Alines%0D"), ("%\u{301}", "%25\u{301}"),
    ])
    func `data stays in its line`(text: String, escaped: String) {
        #expect(GitHubCommandText.data(text) == escaped)
    }

    @Test(arguments: [
        ("a:b,c", "a%3Ab%2Cc"), (":\u{301} ,\u{200D}", "%3A\u{301} %2C\u{200D}"), ("1%\r\n", "1%25%0D%0A"),
    ])
    func `a property's delimiters are no part of its value`(text: String, escaped: String) {
        #expect(GitHubCommandText.property(text) == escaped)
    }
}
