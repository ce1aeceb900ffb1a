import CLibgit2

/// The library itself: started once, and every return code looked at.
enum LibGit2 {
    private static let started = git_libgit2_init()

    /// Sets the library up the first time. Throws `GitError` when it cannot.
    static func start() throws(GitError) {
        try check(started, "starting libgit2")
    }

    /// Returns the code when it is none of an error.
    @discardableResult
    static func check(_ code: Int32, _ action: @autoclosure () -> String) throws(GitError) -> Int32 {
        guard code < 0 else { return code }
        throw LibGit2Failure.last(code).gitError(while: action())
    }

    /// As `check`, but "not found" is an answer.
    static func found(_ code: Int32, _ action: @autoclosure () -> String) throws(GitError) -> Bool {
        if code == GIT_ENOTFOUND.rawValue { return false }
        try check(code, action())
        return true
    }

    /// Calls `step` until the iteration is over. Any other code is an error: a loop that ends at the first non-zero
    /// code would report "nothing left" for a history that merely breaks off, as it does in a shallow clone.
    static func iterate(_ action: @autoclosure () -> String, step: () -> Int32, body: () throws -> Void) throws {
        while true {
            let code = step()
            if code == GIT_ITEROVER.rawValue { return }
            try check(code, action())
            try body()
        }
    }
}
