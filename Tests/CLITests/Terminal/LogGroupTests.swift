import FoundationEssentials
import Git
import Testing

@testable import CLI

struct LogGroupTests {
    private let date = Date(timeIntervalSince1970: 1_772_366_400.9)

    @Test func `GitHub takes no command inside a fold`() {
        let fold = LogGroup(provider: .github, token: "t0k-en")
        #expect(fold.opening("build log", at: date) == "::group::build log\n::stop-commands::t0k-en\n")
        #expect(fold.closing(at: date) == "::t0k-en::\n::endgroup::\n")
    }

    @Test func `GitLab folds by a name of letters and numbers`() {
        let fold = LogGroup(provider: .gitlab, token: "t0k-en")
        #expect(
            fold.opening("build log", at: date)
                == "\u{1B}[0Ksection_start:1772366400:slipway_t0ken[collapsed=true]\r\u{1B}[0Kbuild log\n")
        #expect(
            fold.closing(at: date) == "\u{1B}[0Ksection_end:1772366400:slipway_t0ken\r\u{1B}[0K\n")
    }
}
