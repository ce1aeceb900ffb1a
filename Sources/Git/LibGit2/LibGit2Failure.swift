import CLibgit2

/// A return code of libgit2 with the text that belongs to it.
struct LibGit2Failure: Equatable {
    let code: Int32
    /// libgit2's `klass`: the part of the library that failed.
    let area: Int32
    let message: String

    /// `git_error_last` belongs to the thread and to the last call: read it before anything else can run.
    static func last(_ code: Int32) -> LibGit2Failure {
        let last = git_error_last()?.pointee
        return LibGit2Failure(
            code: code, area: last?.klass ?? 0, message: last?.message.map { String(cString: $0) } ?? "no detail")
    }

    func gitError(while action: String) -> GitError {
        let detail = "\(action): \(message)"
        switch code {
        case GIT_EUNBORNBRANCH.rawValue:
            return GitError(.unbornBranch, detail, hint: "make a first commit, then try again")
        case GIT_EAMBIGUOUS.rawValue:
            return GitError(
                .ambiguousRef, detail, hint: "give more digits of the commit id, or the full reference name")
        case _ where isMissingObject:
            return GitError.missingObject("wanted for \(action) (\(message))")
        default:
            return isAboutObjects ? .corruptObject(detail) : GitError(.other, detail)
        }
    }

    /// While opening a repository a failure means something else than later.
    func openingError(at path: String) -> GitError {
        // 1.5 stumbles over the missing key when the configuration trusts no directory at all.
        if code == LibGit2Failure.foreignOwner || message.contains("safe.directory") {
            return .dubiousOwnership(of: RepositoryLocation.root(around: path))
        }
        if code == GIT_ENOTFOUND.rawValue { return .notARepository(path) }
        return GitError(
            .unsupportedRepository, "libgit2 cannot open the repository at \(path): \(message)",
            hint: "install git: repositories of this format are read through it")
    }

    /// `GIT_EOWNER`, which headers before 1.5 do not name.
    private static let foreignOwner: Int32 = -36

    /// Walks of the history pass on the text but not the code.
    private var isMissingObject: Bool {
        isAbout(GIT_ERROR_ODB) && (code == GIT_ENOTFOUND.rawValue || message.hasPrefix("object not found"))
    }

    private var isAboutObjects: Bool {
        [GIT_ERROR_ODB, GIT_ERROR_OBJECT, GIT_ERROR_ZLIB, GIT_ERROR_TREE, GIT_ERROR_SHA].contains(where: isAbout)
    }

    private func isAbout(_ area: git_error_t) -> Bool { Int64(self.area) == Int64(area.rawValue) }
}
