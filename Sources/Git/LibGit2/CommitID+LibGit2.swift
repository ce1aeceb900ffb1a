import CLibgit2

extension CommitID {
    /// Throws `unknownRef` for a SHA-256 id: libgit2 only opens SHA-1 repositories.
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
        guard let made = CommitID(id.hex) else { throw GitError(.other, "libgit2 gave the malformed id \(id.hex)") }
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
