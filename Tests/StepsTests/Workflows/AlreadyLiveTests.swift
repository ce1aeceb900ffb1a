import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// "Already live, nothing to do" is said of what is live at that moment: success is checked last.
@Suite struct AlreadyLiveTests {
    private static let named = "GET /v2/deployments"
    private static let byID = "GET /v2/deployments/{id}"
    private static let ours = "registry.example/agent@sha256:" + String(repeating: "a", count: 64)
    private static let theirs = "registry.example/agent@sha256:" + String(repeating: "b", count: 64)
    private static let slow = ModelFault.slow(.seconds(4), isProcessedFirst: true)

    /// Our commit, or our image, is live.
    private func trial(image: Bool = false) -> WorkflowHarness {
        var trial = WorkflowHarness {
            guard image else {
                $0.addDeployment(commits: [WorkflowHarness.ourCommit])
                return
            }
            let id = $0.addDeployment(source: .externalDocker, commits: [])
            $0.push(nil, to: id, at: .init(sinceStart: .seconds(-100)), rollout: ModelRollout([], ending: .deployed)) {
                $0.image = Self.ours
                $0.configPath = nil
            }
        }
        if image { trial.inputs["image"] = .string(Self.ours) }
        return trial
    }

    /// Somebody else's revision, live at once.
    private func push(_ trial: WorkflowHarness, at time: Duration, image: Bool = false) {
        trial.plane.world { world in
            world.at(time) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push(image ? nil : "main", to: id, at: now, rollout: ModelRollout([], ending: .deployed)) {
                    if image {
                        $0.image = Self.theirs
                        $0.configPath = nil
                    } else {
                        $0.commit = WorkflowHarness.otherCommit
                    }
                    $0.isForeign = true
                }
            }
        }
    }

    @Test(arguments: [Self.named, WorkflowHarnessResult.list], [false, true])
    func `what goes live during a slow read is not taken for ours`(endpoint: String, image: Bool) async throws {
        let trial = trial(image: image)
        trial.plane.faults { $0.add(endpoint, Self.slow) }
        push(trial, at: .seconds(1), image: image)
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(image ? result.active?.image == Self.ours : result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `a newer revision that is DEPLOYED is not taken for ours while the deployment lags`() async throws {
        let trial = trial()
        trial.plane.world { $0.behavior.activeLag = .seconds(3) }
        push(trial, at: .milliseconds(1))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == WorkflowHarness.ourCommit)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `a control plane that is slow every time is read three times in all`() async throws {
        let trial = trial()
        trial.plane.faults { $0.add(WorkflowHarnessResult.list, Self.slow, times: nil) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes.isEmpty)
        #expect(result.count(WorkflowHarnessResult.list) == 3)
        #expect(result.count(Self.named) == 1)
        #expect(result.count(Self.byID) == 2)
    }

    @Test func `an unconfirmed refusal of the second read is no verdict`() async throws {
        let trial = trial()
        trial.plane.faults {
            $0.add(WorkflowHarnessResult.list, Self.slow)
            $0.add(Self.byID, .refusal(404))
        }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes.isEmpty)
    }
}
