import Testing

@testable import LocalControlPlane

struct FaultBookTests {
    private func book(_ texts: String...) throws -> FaultBook {
        FaultBook(try texts.map { try FaultParser.parse($0) })
    }

    @Test func `a fault strikes as often as it says, after those that it lets pass`() async throws {
        let book = try book("status=503,path=/v2,after=1,count=2")
        var struck: [Bool] = []
        for _ in 0..<5 { struck.append(await book.strike(method: "GET", path: "/v2/deployments") != nil) }
        #expect(struck == [false, true, true, false, false])
    }

    @Test func `a fault strikes its method, its path and its phase only`() async throws {
        let book = try book("status=503,method=POST,path=/v2/deployments", "phase=build,deployment=a,fail=no")
        #expect(await book.strike(method: "GET", path: "/v2/deployments") == nil)
        #expect(await book.strike(method: "POST", path: "/v1/projects") == nil)
        #expect(await book.strike(method: "POST", path: "/v2/deployments/x/revisions") != nil)
        #expect(await book.strike(.build, deployment: "b") == nil)
        #expect(await book.strike(.deploy, deployment: "a") == nil)
        #expect(await book.strike(.build, deployment: "a") != nil)
    }

    @Test func `when one is spent the next one strikes`() async throws {
        let book = try book("status=503,count=1", "status=429")
        let texts = [
            await book.strike(method: "GET", path: "/")?.text, await book.strike(method: "GET", path: "/")?.text,
        ]
        #expect(texts == ["status=503,count=1", "status=429"])
    }
}
