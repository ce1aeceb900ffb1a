import Glibc
import Testing

@testable import Git

struct UnreadAuthoritiesTests {
    @Test func `the loader finds this program's function before that of mbedTLS`() throws {
        let function = try #require(dlsym(nil, "mbedtls_x509_crt_parse_file"))
        typealias Reader = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> CInt
        // mbedTLS's own answers that the chain is missing.
        #expect(unsafeBitCast(function, to: Reader.self)(nil, "/nowhere") == 0)
    }

    @Test func `libgit2 starts without a certificate`() throws {
        try LibGit2.start()
    }
}
