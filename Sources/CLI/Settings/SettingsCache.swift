import Engine
import Synchronization

/// What the files of settings said when this process read them first: one command sees one state of them, and says once
/// what is wrong beside them.
final class SettingsCache: Sendable {
    private struct Kept {
        var files: [String: SettingsFile] = [:]
        var warned: Set<String> = []
    }

    private let kept = Mutex(Kept())
    private let write: @Sendable (_ message: String, _ hint: String) -> Void

    init(
        warn: @escaping @Sendable (_ message: String, _ hint: String) -> Void = { message, hint in
            StandardError.diagnostics(isCI: false, color: .auto).warning(message, hint: hint)
        }
    ) {
        write = warn
    }

    func file(
        at path: String, _ read: () throws(StepFailure) -> SettingsFile
    ) throws(StepFailure) -> SettingsFile {
        if let known = kept.withLock({ $0.files[path] }) { return known }
        let file = try read()
        kept.withLock { $0.files[path] = file }
        return file
    }

    /// Says once that a file with the other ending is not read.
    func warn(_ path: String, isBesideAnother: Bool) {
        guard kept.withLock({ $0.warned.insert(path).inserted }) else { return }
        let (wrong, right) = (ProjectSettings.misnamedFile, ProjectSettings.fileName)
        write(
            "\(wrong) is not read",
            isBesideAnother ? "move what it has to \(right) and delete it" : "rename it to \(right)")
    }
}
