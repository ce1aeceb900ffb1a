import Testing

@testable import Git

@Suite struct GitErrorTests {
    @Test func `the command that trusts a folder can be pasted, whatever the folder is called`() {
        let hint = GitError.dubiousOwnership(of: "/src/it's here").hint
        #expect(hint == "if you trust it: git config --global --add safe.directory '/src/it'\\''s here'")
    }

    @Test func `reads as the failure and then the hint`() {
        #expect("\(GitError(.other, "failed", hint: "try again"))" == "failed\nhint: try again")
        #expect("\(GitError(.other, "failed"))" == "failed")
    }

    @Test(arguments: [
        ("fatal: detected dubious ownership in repository at '/src/x'", GitError.Kind.dubiousOwnership),
        ("fatal: not a git repository (or any of the parent directories): .git", .notARepository),
        ("fatal: unknown repository extension found:\n\tnewthing", .unsupportedRepository),
        ("error: inflate: data stream error (incorrect header check)", .corruptObject),
        ("fatal: bad object 0123", .missingObject),
        ("fatal: something new", .other),
    ])
    func `what git says decides the kind`(text: String, kind: GitError.Kind) {
        let output = GitOutput(exitCode: 128, bytes: [], errorText: text)
        let error = GitCommandFailure(output, arguments: ["log"], folder: "/folder").gitError
        #expect(error.kind == kind)
        if kind == .dubiousOwnership { #expect(error.hint?.hasSuffix("safe.directory /src/x") == true) }
    }
}
