import Testing

@testable import LocalControlPlane

struct ChildEnvironmentTests {
    @Test func `only listed names are inherited, and what is added later wins`() {
        let inherited = ChildEnvironment(inheriting: [
            "PATH": "/bin", "HOME": "/root", "LANG": "C", "LC_TIME": "C", "TZ": "UTC", "TMPDIR": "/tmp",
            "LANGSMITH_API_KEY": "key", "PYTHONDONTWRITEBYTECODE": "1", "LD_PRELOAD": "x.so",
        ])
        let environment = inherited.adding(["TZ": "CET", "PORT": "1", "A": "b"], ["PORT": "2"])
        #expect(
            environment == [
                "PATH": "/bin", "HOME": "/root", "LANG": "C", "LC_TIME": "C", "TZ": "CET", "TMPDIR": "/tmp", "A": "b",
                "PORT": "2",
            ])
    }
}
