import ControlPlane
import Engine
import Files
import FoundationEssentials
import Git
import Glibc
import Steps

/// The checks that need no network.
struct LocalChecks: Sendable {
    let dependencies: Dependencies
    let state: StatePaths
    let folder: String
    /// The configuration's path in the repository.
    let config: String
    /// The repository that the control plane fetches; nil: the default remote.
    var repositoryURL: RemoteURL?
    let ci: CIContext

    /// Writes a file and removes it again.
    func stateFolder() -> Finding {
        let probe = "\(state.path)/.doctor-\(dependencies.newSuffix())"
        do {
            try FileManager.default.createDirectory(
                atPath: state.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data().write(to: URL(filePath: probe))
            try FileManager.default.removeItem(atPath: probe)
            return .good(.state, state.path)
        } catch {
            return .bad(
                .state,
                StepFailure(
                    .configurationMissing, code: "StateNotWritable",
                    "cannot write in \(state.path): \(SystemErrorText.text(of: error))",
                    hint: "set --state-dir or SLIPWAY_STATE_DIR to a writable directory"))
        }
    }

    func localPlane(isWanted: Bool) -> Finding {
        if let path = try? LocalPlaneProgram.find(dependencies.environment) { return .good(.localPlane, path) }
        let missing = LocalPlaneProgram.missing
        return isWanted
            ? .bad(.localPlane, missing)
            : .warning(
                .localPlane, missing.message + "; only --control-plane local and serve require it",
                hint: LocalPlaneProgram.installHint)
    }

    /// Which file or folder of certificate authorities is used, and what named it.
    func certificates() -> Finding {
        guard let authorities = CertificateAuthorities.find(in: dependencies.environment) else {
            return .warning(
                .certificates, "no CA certificates found; HTTPS requests will fail",
                hint: "install the package ca-certificates, or name a PEM file in SSL_CERT_FILE")
        }
        let paths = [authorities.file, authorities.directory].compactMap(\.self)
        let detail = "\(paths.joined(separator: " and ")) (\(authorities.variable ?? "system"))"
        if let missing = paths.first(where: { !FileManager.default.isReadableFile(atPath: $0) }) {
            return .warning(
                .certificates, "cannot read \(missing) (\(authorities.variable ?? "system"))",
                hint: "name a readable PEM file in SSL_CERT_FILE")
        }
        return .good(.certificates, detail)
    }

    func ciFacts() -> Finding {
        guard let provider = ci.provider else { return .good(.ci, "none") }
        if let problem = ci.unreadableEvent { return .bad(.ci, failure(problem)) }
        let facts = [
            provider.rawValue, ci.commit.map { "commit \($0.abbreviated)" }, ci.reference?.repoRef,
            ci.changeNumber.map { "change \($0)" }, ci.isFromFork ? "from a fork" : nil,
        ]
        let detail = facts.compactMap(\.self).joined(separator: ", ")
        if ci.isFromFork {
            return .warning(.ci, detail, hint: "deploy from the repository itself: pipelines of forks get no secrets")
        }
        guard let warning = ci.warnings.first else { return .good(.ci, detail) }
        return .warning(.ci, "\(detail); \(warning)", hint: "pass the commit with --sha and --ref")
    }

    func repository() async -> Finding {
        do {
            let repository = try await Repository.open(containing: folder)
            let selection = try CommitSelection(ref: nil, sha: nil, head: try await repository.head(), ci: ci)
            let file = try await ConfigurationFile.find(
                config, in: selection.commit, of: repository, from: folder)
            return try await judge(repository, selection, file)
        } catch let error as GitError {
            return .bad(.repository, failure(error))
        } catch {
            return .bad(.repository, StepFailure(.usage, code: "RepositoryUnreadable", "\(error)"))
        }
    }

    private func judge(
        _ repository: Repository, _ selection: CommitSelection, _ file: ConfigurationFile
    ) async throws -> Finding {
        let detail = ["\(repository.root), \(selection.explanation)", file.note].compactMap(\.self)
            .joined(separator: ", ")
        if case .dirty(let paths, let total) = try await repository.workingTreeStatus() {
            let shown = paths.prefix(3).joined(separator: ", ") + (total > 3 ? " and \(total - 3) more" : "")
            return .warning(
                .repository, "\(detail); uncommitted changes: \(shown)",
                hint: "commit or stash them, or pass --allow-dirty")
        }
        guard let remote = if let repositoryURL { repositoryURL } else { try await repository.remoteURL() } else {
            return .warning(
                .repository, "\(detail), no remote", hint: "add the remote origin, or pass --repo-url")
        }
        if remote.isAlias {
            return .warning(
                .repository, "\(detail), remote \(remote.https), whose host is an alias of this machine",
                hint: "pass the https URL of the repository with --repo-url")
        }
        if let warning = selection.warnings.first {
            return .warning(.repository, "\(detail); \(warning)", hint: "pass the commit with --sha and --ref")
        }
        if case .branch(let branch)? = selection.reference,
            case .refused(let failure) = try await CommitPublication(repository: repository, url: remote, ci: ci)
                .judge(selection.commit, branch: branch)
        {
            return .warning(
                .repository, "\(detail); \(failure.message)",
                hint: "\(failure.hint ?? ""); --source internal_source requires no push")
        }
        return .good(.repository, "\(detail), remote \(remote.https)")
    }

    private func failure(_ error: GitError) -> StepFailure {
        StepFailure(.usage, code: error.kind.rawValue, error.message, hint: error.hint)
    }
}
