import FoundationEssentials
import Testing

@testable import ControlPlane

@Suite struct ServerTimeTests {
    private let local = Date(timeIntervalSince1970: 784_111_777)

    @Test func `row 41: the time there is ours plus what the last answer was ahead`() {
        let time = ServerTime()
        #expect(time.date(at: local) == local)
        let headers = [HTTPHeader("date", "Sun, 06 Nov 1994 08:59:37 GMT")]
        time.take(HTTPResponse(status: 503, headers: headers), at: local)
        #expect(time.date(at: local).timeIntervalSince(local) == 600)
        #expect(time.date(at: local.addingTimeInterval(60)).timeIntervalSince(local) == 660)
    }

    @Test func `an answer without a readable date changes nothing`() {
        let time = ServerTime()
        time.take(HTTPResponse(status: 200, headers: [HTTPHeader("Date", "soon")]), at: local)
        time.take(HTTPResponse(status: 200), at: local)
        #expect(time.date(at: local) == local)
    }
}
