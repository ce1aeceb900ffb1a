import Foundation
import Testing

@testable import TestSupport

@Suite struct GitFixtureTests {
    @Test func `two fixtures made alike have the same commit ids`() async throws {
        var ids: Set<String> = []
        for _ in 1...2 {
            let fixture = try await GitFixture()
            try fixture.write("bin/run.sh", "#!/bin/sh\n", executable: true)
            try fixture.link("run", to: "bin/run.sh")
            try await fixture.commit("First")
            try await fixture.commit("Second")
            ids.insert(try await fixture.git("rev-parse", "HEAD"))
        }
        #expect(ids.count == 1)
    }

    @Test func `a clone stands next to the original and shares its end`() async throws {
        var fixture: GitFixture? = try await GitFixture()
        let folder = try #require(fixture?.folder)
        try await fixture?.commit()
        var clone = try await fixture?.clone(options: ["--depth=1"])
        fixture = nil
        #expect(try await clone?.git("rev-parse", "--is-shallow-repository") == "true")
        clone = nil
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func `a command that fails throws what git said`() async throws {
        let fixture = try await GitFixture()
        let error = await #expect(throws: GitFixtureError.self) { try await fixture.git("checkout", "nowhere") }
        #expect(error?.description.contains("nowhere") == true)
    }

    @Test func `the configuration of the machine and the user is not read`() async throws {
        let fixture = try await GitFixture()
        let origins = try await fixture.git("config", "--list", "--show-origin")
        #expect(
            origins.split(separator: "\n").allSatisfy {
                $0.hasPrefix("file:.git/config") || $0.hasPrefix("command line:")
            })
    }
}
