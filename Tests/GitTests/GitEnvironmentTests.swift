import Testing

@testable import Git

@Suite struct GitEnvironmentTests {
    @Test func `keeps what finds a repository and drops what names programs or another index`() {
        let variables = GitEnvironment(inheriting: [
            "PATH": "/bin", "HOME": "/root", "GIT_DIR": ".git", "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
            "GIT_INDEX_FILE": "other", "GIT_EXTERNAL_DIFF": "evil", "GIT_SSH_COMMAND": "evil", "GIT_PAGER": "evil",
            "GIT_EXEC_PATH": "/evil", "GIT_TRACE": "/tmp/trace", "GIT_ASKPASS": "evil",
        ]).variables

        #expect(variables["PATH"] == "/bin")
        #expect(variables["GIT_DIR"] == ".git")
        #expect(variables["GIT_CONFIG_VALUE_0"] == "*")
        for name in ["INDEX_FILE", "EXTERNAL_DIFF", "SSH_COMMAND", "PAGER", "EXEC_PATH", "TRACE", "ASKPASS"] {
            #expect(variables["GIT_\(name)"] == nil, "\(name)")
        }
    }

    @Test func `closes the network, prompts and locks, whatever was set`() {
        let variables = GitEnvironment(inheriting: ["GIT_ALLOW_PROTOCOL": "https", "LC_ALL": "de_DE"]).variables
        #expect(variables["GIT_ALLOW_PROTOCOL"] == "none")
        #expect(variables["GIT_TERMINAL_PROMPT"] == "0")
        #expect(variables["GIT_OPTIONAL_LOCKS"] == "0")
        #expect(variables["LC_ALL"] == "C")
    }
}
