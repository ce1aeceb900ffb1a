import Testing

@testable import LocalControlPlane

struct FaultParserTests {
    @Test(arguments: [
        (
            "status=429,retry-after=2,method=post,path=/v2/deployments,count=3",
            Fault(
                text: "", target: .request(method: "POST", path: "/v2/deployments"),
                effect: .refuse(status: 429, detail: nil, retryAfter: 2), delay: .zero, count: 3, after: 0)
        ),
        (
            "status=409,detail=A project, named so, exists",
            Fault(
                text: "", target: .request(method: nil, path: nil),
                effect: .refuse(status: 409, detail: "A project, named so, exists", retryAfter: nil), delay: .zero,
                count: nil, after: 0)
        ),
        (
            "lose=answer,after=2,count=1,delay=500ms",
            Fault(
                text: "", target: .request(method: nil, path: nil), effect: .loseAnswer, delay: .milliseconds(500),
                count: 1, after: 2)
        ),
        (
            "phase=build,delay=2m",
            Fault(
                text: "", target: .phase(.build, deployment: nil, failure: nil), effect: .none, delay: .seconds(120),
                count: nil, after: 0)
        ),
        (
            "phase=deploy,deployment=demo,fail=no memory,count=1",
            Fault(
                text: "", target: .phase(.deploy, deployment: "demo", failure: "no memory"), effect: .none,
                delay: .zero, count: 1, after: 0)
        ),
    ])
    func `a fault is read`(text: String, fault: Fault) throws {
        var expected = fault
        expected.text = text
        #expect(try FaultParser.parse(text) == expected)
    }

    @Test(arguments: [
        ("", "'' is not known"), ("stat=503", "'stat=503' is not known"), ("path=/v2", "does nothing"),
        ("status=200", "status is a whole number from 400 to 599"), ("status=503,status=500", "says 'status' twice"),
        ("lose=nothing", "lose=answer or lose=request"), ("lose=answer,status=503", "without a status"),
        ("retry-after=3", "add the status"), ("phase=sleep,delay=1s", "phases are build and deploy"),
        ("phase=build,status=503", "both 'phase' and 'status'"), ("fail=no", "without 'phase'"),
        ("delay=soon", "durations are like"), ("status=503,count=0", "from 1 to 1000000"),
    ])
    func `a wrong fault is refused with what is wrong`(text: String, problem: String) {
        let found = #expect(throws: FaultParser.Problem.self) { try FaultParser.parse(text) }
        #expect(found?.description.contains(problem) == true, "\(found?.description ?? "")")
    }
}
