package import Clocks

/// This is a remote of the clone.
package struct Remote: Equatable, Sendable {
    package let name: String
    /// The repository of its first URL, as `git remote get-url` takes it; the others only receive pushes.
    package let url: RemoteURL
    /// The patterns of the branches that `git fetch` and `git push` record, without the target.
    let fetchedReferences: [String]

    /// Whether a fetch records every branch, so that what no remote-tracking branch has is on no branch.
    package var tracksAllBranches: Bool { fetchedReferences.contains("refs/heads/*") }

    /// Whether a fetch or a push of the branch leaves a remote-tracking branch in this clone.
    package func tracks(_ branch: String) -> Bool {
        let reference = "refs/heads/\(branch)"
        return fetchedReferences.contains { pattern in
            guard let star = pattern.firstIndex(of: "*") else { return pattern == reference }
            return reference.hasPrefix(pattern[..<star])
                && reference.dropFirst(pattern[..<star].count).hasSuffix(pattern[pattern.index(after: star)...])
        }
    }
}

extension Repository {
    /// The remotes that have a URL: `origin` first, the others as they were configured.
    package func remotes() async throws -> [Remote] {
        let variables = ConfiguredRemotes(
            try await backend.configuration(matching: "^(remote\\..*\\.(url|fetch)|url\\..*\\.insteadof)$"))
        return variables.remotes(relativeTo: root)
    }

    /// The remote that names the repository when nothing else does: `origin`, or the only one.
    package func defaultRemote() async throws -> Remote? {
        let remotes = try await remotes()
        return remotes.first { $0.name == Self.origin } ?? (remotes.count == 1 ? remotes.first : nil)
    }

    /// The URL of the default remote.
    package func remoteURL() async throws -> RemoteURL? {
        try await defaultRemote()?.url
    }

    /// The remote that is the repository of this URL.
    package func remote(of url: RemoteURL) async throws -> Remote? {
        try await remotes().remote(of: url)
    }

    /// The commit of a branch of the remote as of the last fetch or push; nil for a branch that this clone does not know.
    package func tip(ofBranch branch: String, at remote: Remote) async throws -> CommitID? {
        try await backend.resolve("refs/remotes/\(remote.name)/\(branch)")?.commit
    }

    /// The commit of a branch of this clone.
    package func tip(ofBranch branch: String) async throws -> CommitID? {
        try await backend.resolve("refs/heads/\(branch)")?.commit
    }

    /// Fetches the branches of a remote, as `git fetch` does, and forgets those that it no longer has.
    ///
    /// Throws `GitError`, also after the time limit.
    package func fetchBranches(
        of remote: Remote, limit: Duration = .seconds(60), on clock: any RunClock
    ) async throws {
        try await command.usingNetwork(limit: limit, on: clock).run(
            ["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]
                + ["--no-auto-gc", "--", remote.name])
    }

    static let origin = "origin"
}

extension [Remote] {
    /// The remote that is the repository of this URL.
    package func remote(of url: RemoteURL) -> Remote? {
        first { $0.url.isSameRepository(as: url) } ?? first { $0.url.couldBe(url) }
    }
}

/// This is one line of git's configuration.
struct ConfigurationEntry: Equatable, Sendable {
    /// Section and variable in lower case, the subsection as written: `remote.Name.url`.
    let name: String
    let value: String

    /// The subsection of `SECTION.subsection.VARIABLE`.
    func subsection(of section: String, _ variable: String) -> String? {
        let (start, end) = ("\(section).", ".\(variable)")
        guard name.hasPrefix(start), name.hasSuffix(end), name.utf8.count > start.utf8.count + end.utf8.count else {
            return nil
        }
        return String(name.dropFirst(start.count).dropLast(end.count))
    }
}

/// This reads remotes from the variables that describe them.
private struct ConfiguredRemotes {
    private var names: [String] = []
    private var urls: [String: String] = [:]
    private var fetches: [String: [String]] = [:]
    private var shorthands: [(prefix: String, replacement: String)] = []

    init(_ entries: [ConfigurationEntry]) {
        for entry in entries {
            if let name = entry.subsection(of: "remote", "url") {
                guard urls[name] == nil else { continue }
                names.append(name)
                urls[name] = entry.value
            } else if let name = entry.subsection(of: "remote", "fetch") {
                let source = entry.value.drop { $0 == "+" }.split(separator: ":", maxSplits: 1).first ?? ""
                fetches[name, default: []].append(String(source))
            } else if let replacement = entry.subsection(of: "url", "insteadof") {
                shorthands.append((entry.value, replacement))
            }
        }
    }

    func remotes(relativeTo root: String) -> [Remote] {
        let found = names.map { name in
            Remote(
                name: name, url: url(urls[name] ?? "", relativeTo: root), fetchedReferences: fetches[name] ?? [])
        }
        return found.filter { $0.name == Repository.origin } + found.filter { $0.name != Repository.origin }
    }

    /// `insteadOf` usually says how this machine reaches a repository, not which one it is; only a URL whose host is
    /// known to nobody else is taken as a shorthand.
    private func url(_ text: String, relativeTo root: String) -> RemoteURL {
        let url = RemoteURL(text, relativeTo: root)
        guard url.isAlias else { return url }
        let matching = shorthands.filter { !$0.prefix.isEmpty && text.hasPrefix($0.prefix) }
        guard let longest = matching.max(by: { $0.prefix.count < $1.prefix.count }) else { return url }
        return RemoteURL(longest.replacement + text.dropFirst(longest.prefix.count), relativeTo: root)
    }
}
