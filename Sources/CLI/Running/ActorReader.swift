import Engine
import FoundationEssentials
import Git
import Glibc

/// Finds out who runs this process, and where.
struct ActorReader: Sendable {
    let environment: [String: String]
    let ci: CIContext

    var actor: RunOrigin.Actor {
        RunOrigin.Actor(
            user: user, host: host, ci: ci.provider?.rawValue, ciActor: ci.provider == nil ? nil : ciActor,
            runURL: ci.runURL, environment: ci.environmentName)
    }

    /// The CI system's name of the person.
    var ciActor: String? { environment.nonEmpty("GITHUB_ACTOR") ?? environment.nonEmpty("GITLAB_USER_LOGIN") }

    /// From the variables, as `StatePaths` takes the home directory: a static program cannot look up accounts.
    private var user: String {
        environment.nonEmpty("LOGNAME") ?? environment.nonEmpty("USER") ?? "uid \(getuid())"
    }

    private var host: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { name in
            guard let start = name.baseAddress, gethostname(start, name.count - 1) == 0 else { return nil }
            name[name.count - 1] = 0
            return String(cString: start)
        }
    }
}

extension RunOrigin.Actor {
    /// The name by which the CI system, else the machine, knows the person.
    var person: String? { ciActor ?? user }
}
