import CLibgit2

/// This starts the library once and checks its return codes.
enum LibGit2 {
    private static let started = git_libgit2_init()

    /// Starts the library on the first call. Throws `GitError` when that fails.
    static func start() throws(GitError) {
        try check(started, "starting libgit2")
    }

    /// Returns the code, or throws when it is an error.
    @discardableResult
    static func check(_ code: Int32, _ action: @autoclosure () -> String) throws(GitError) -> Int32 {
        guard code < 0 else { return code }
        throw LibGit2Failure.last(code).gitError(while: action())
    }

    /// Checks the code as `check` does, but returns `false` for "not found".
    static func found(_ code: Int32, _ action: @autoclosure () -> String) throws(GitError) -> Bool {
        if code == GIT_ENOTFOUND.rawValue { return false }
        try check(code, action())
        return true
    }

    /// Calls `step` until the iteration is over. Any other code is an error: ending at the first non-zero code would
    /// report incomplete history, as in a shallow clone, as complete.
    static func iterate(_ action: @autoclosure () -> String, step: () -> Int32, body: () throws -> Void) throws {
        while true {
            let code = step()
            if code == GIT_ITEROVER.rawValue { return }
            try check(code, action())
            try body()
        }
    }
}

/// This owns a libgit2 object and frees it when it goes out of scope.
struct Owned: ~Copyable {
    typealias Release = (OpaquePointer?) -> Void

    let pointer: OpaquePointer
    private let release: Release

    /// - Parameters:
    ///   - action: the start of an error's message, such as `reading HEAD`.
    ///   - make: sets the pointer and returns libgit2's code.
    init(
        _ release: @escaping Release, _ action: @autoclosure () -> String, _ make: (inout OpaquePointer?) -> Int32
    ) throws(GitError) {
        var made: OpaquePointer?
        try LibGit2.check(make(&made), action())
        guard let made else { throw GitError(.other, "\(action()): libgit2 returned no object") }
        pointer = made
        self.release = release
    }

    deinit { release(pointer) }
}

extension CommitID {
    /// Throws `unknownRef` for a SHA-256 id: libgit2 opens only SHA-1 repositories.
    var libGit2: git_oid {
        get throws(GitError) {
            var id = git_oid()
            guard description.utf8.count == 40, git_oid_fromstr(&id, description) == 0 else {
                throw .unknownRef(description)
            }
            return id
        }
    }

    init(_ id: git_oid) throws(GitError) {
        guard let made = CommitID(id.hex) else { throw GitError(.other, "invalid commit id from libgit2: \(id.hex)") }
        self = made
    }
}

extension git_oid {
    /// 40 lower-case hex digits.
    var hex: String {
        var id = self
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 41) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            return String(cString: git_oid_tostr(base, buffer.count, &id))
        }
    }
}

/// This is a return code of libgit2 with its error message.
struct LibGit2Failure: Equatable {
    let code: Int32
    /// libgit2's `klass`: the part of the library that failed.
    let area: Int32
    let message: String

    /// Reads `git_error_last`, which is per thread and per call: call this before any other code can run.
    static func last(_ code: Int32) -> LibGit2Failure {
        let last = git_error_last()?.pointee
        return LibGit2Failure(
            code: code, area: last?.klass ?? 0, message: last?.message.map { String(cString: $0) } ?? "no detail")
    }

    func gitError(while action: String) -> GitError {
        let detail = "\(action): \(message)"
        switch code {
        case GIT_EUNBORNBRANCH.rawValue:
            return GitError(.unbornBranch, detail, hint: "create a first commit, then try again")
        case GIT_EAMBIGUOUS.rawValue:
            return GitError(
                .ambiguousRef, detail, hint: "use more digits of the commit id, or the full reference name")
        case _ where isMissingObject:
            return GitError.missingObject(detail)
        default:
            return isAboutObjects ? .corruptObject(detail) : GitError(.other, detail)
        }
    }

    /// Translates a failure to open a repository, where some codes have another meaning.
    func openingError(at path: String) -> GitError {
        // libgit2 1.5 reports the missing key when the configuration has no safe.directory.
        if code == LibGit2Failure.foreignOwner || message.contains("safe.directory") {
            return .dubiousOwnership(of: RepositoryLocation.root(around: path))
        }
        if code == GIT_ENOTFOUND.rawValue { return .notARepository(path) }
        return GitError(
            .unsupportedRepository, "cannot open repository \(path) with libgit2: \(message)",
            hint: "install git, which slipway uses for repositories of this format")
    }

    /// `GIT_EOWNER`, which headers before 1.5 do not define.
    private static let foreignOwner: Int32 = -36

    /// History walks keep the message but not the code.
    private var isMissingObject: Bool {
        isAbout(GIT_ERROR_ODB) && (code == GIT_ENOTFOUND.rawValue || message.hasPrefix("object not found"))
    }

    private var isAboutObjects: Bool {
        [GIT_ERROR_ODB, GIT_ERROR_OBJECT, GIT_ERROR_ZLIB, GIT_ERROR_TREE, GIT_ERROR_SHA].contains(where: isAbout)
    }

    private func isAbout(_ area: git_error_t) -> Bool { Int64(self.area) == Int64(area.rawValue) }
}
