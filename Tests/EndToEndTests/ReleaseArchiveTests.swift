import Foundation
import TestSupport
import Testing

/// What a release's archive holds, with the build left out, which takes minutes.
@Suite(.timeLimit(.minutes(3)))
struct ReleaseArchiveTests {
    private static let built = """
        #!/bin/sh
        mkdir -p "$1/bin" && install -s "$BUILT" "$1/bin/slipway"
        """

    /// A repository with the release's scripts, whose build is the binary that lies here already.
    private func repository() async throws -> GitFixture {
        let fixture = try await GitFixture()
        for name in ["package-release.sh", "shell-files.sh", "man_pages.py"] {
            try fixture.write(
                "scripts/" + name, String(contentsOfFile: "\(Binaries.root)/scripts/\(name)", encoding: .utf8))
        }
        try fixture.write("scripts/build-release.sh", Self.built)
        try fixture.write("scripts/sbom.py", "print('{}')")
        for name in ["LICENSE", "README.md"] { try fixture.write(name, name) }
        _ = try await fixture.commit("A release")
        return fixture
    }

    private func shell(_ line: String, in folder: String) async throws -> Finished {
        var environment = ProcessInfo.processInfo.environment
        environment["BUILT"] = Binaries.slipway
        return try await Program(environment: environment, folder: folder).run("/bin/bash", ["-ec", line])
    }

    private func package(_ fixture: GitFixture, into folder: String) async throws -> String {
        let ending = try await shell(
            "chmod +x scripts/*; scripts/package-release.sh \"$($BUILT --version)\" linux-x86_64 \(folder) >&2; ls \(folder)",
            in: fixture.path)
        #expect(ending.code == 0, "\(ending.errors)")
        return try #require(ending.output.first { $0.hasSuffix(".tar.gz") })
    }

    @Test func `an archive holds the program, its completions, and man pages of the commit's day`() async throws {
        let fixture = try await repository()
        let archive = try await package(fixture, into: "dist")
        let listing = try await shell("tar -tzf dist/\(archive)", in: fixture.path).output
        let root = archive.dropLast(".tar.gz".count)
        for file in [
            "bin/slipway", "share/bash-completion/completions/slipway", "share/zsh/site-functions/_slipway",
            "share/fish/vendor_completions.d/slipway.fish", "share/man/man1/slipway.1",
            "share/man/man1/slipway-deploy.1", "LICENSE", "README.md",
        ] { #expect(listing.contains("\(root)/\(file)"), "\(listing)") }
        // setup/install.sh takes the first part away.
        #expect(listing.allSatisfy { $0.hasPrefix(root + "/") })
        let days = try await shell(
            """
            date -u -d @"$(git log -1 --format=%ct)" +'%B %-d, %Y'
            tar -xzOf dist/\(archive) --wildcards '*/man1/slipway.1' | sed -n 's/^.Dd //p'
            """, in: fixture.path
        ).output
        #expect(days.count == 2)
        #expect(days.first == days.last)
    }
}
