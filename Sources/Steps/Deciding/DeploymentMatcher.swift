import ControlPlaneTypes
import FoundationEssentials

/// Whether a deployment that has our name after a creation without an answer is the one that our request made: a pure
/// decision (docs/failures.md, rows 8 and 41).
enum DeploymentMatcher {
    /// How far the plane's clock may be off after its `Date` was taken into account, in seconds.
    static let slack: Double = 300

    /// Why it is somebody else's; nil when nothing speaks against it. `began` is when our request left, by the plane's
    /// clock; nil when that is not known.
    static func objection(to found: Deployment, wanted: DesiredRevision, began: Date?) -> String? {
        if let began, let created = found.createdAt, let date = created.date,
            date < began.addingTimeInterval(-slack)
        {
            return "it was created at \(created.text), before our request"
        }
        let made = found.sourceRevisionConfig
        if let ref = made?.repoRef, let ours = wanted.repoRef, ref != ours { return "it is made from '\(ref)'" }
        if let image = wanted.image, let theirs = made?.imageURI, !image.isSame(as: ImageReference(theirs)) {
            return "it is made of the image '\(theirs)'"
        }
        if let path = made?.configPath, path != wanted.configPath { return "its configuration is '\(path)'" }
        if found.source == .github, found.sourceConfig?.buildOnPush == true { return "it builds on every push" }
        return nil
    }
}
