import Engine
import Foundation
import Testing

@testable import CLI

@Suite struct StatePathsTests {
    @Test(
        arguments: [
            ("/flag", ["SLIPWAY_STATE_DIR": "/own", "XDG_STATE_HOME": "/xdg", "HOME": "/home/u"], "/flag"),
            (nil, ["SLIPWAY_STATE_DIR": "/own", "XDG_STATE_HOME": "/xdg", "HOME": "/home/u"], "/own"),
            (nil, ["SLIPWAY_STATE_DIR": "", "XDG_STATE_HOME": "/xdg", "HOME": "/home/u"], "/xdg/slipway"),
            (nil, ["XDG_STATE_HOME": "relative", "HOME": "/home/u"], "/home/u/.local/state/slipway"),
        ] as [(String?, [String: String], String)])
    func `a flag overrides the variable, which overrides the default`(
        flag: String?, environment: [String: String], path: String
    ) {
        #expect(StatePaths(flag: flag, environment: environment).path == path)
    }

    @Test func `a relative path starts at the working directory`() {
        let state = StatePaths(flag: "state", environment: [:])
        #expect(state.path == FileManager.default.currentDirectoryPath + "/state")
    }

    @Test func `every run has its own journal`() {
        let state = StatePaths(flag: "/s", environment: [:])
        #expect(state.journal(of: RunID(rawValue: "r1")) == "/s/runs/r1/journal.jsonl")
    }
}
