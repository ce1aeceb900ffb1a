import Redaction
import Testing

@testable import ControlPlane

struct ProxySettingsTests {
    private func invalid(_ environment: [String: String], for url: String = "https://plane.test/") throws -> String? {
        ProxySettings(environment: environment).invalidVariable(for: try #require(Origin(ofURL: url)))
    }

    @Test(
        arguments: [
            "proxy", "proxy:3128", "http://proxy.example", "http://proxy.example:3128/", "HTTP://10.0.0.1:80",
            "https://ci:p%23w@proxy.example:3128", "socks5h://u:p@[::1]:1080", "socks4://h", "http://u@h:1/path",
            "http://ünïcode.example:1",
        ])
    func `URLs that libcurl uses are accepted`(value: String) throws {
        #expect(try invalid(["HTTPS_PROXY": value]) == nil)
    }

    @Test(
        arguments: [
            "http://ci:p#w@proxy.example:3128", "http://ci:p?w@proxy.example:3128", "http://ci:p/w@proxy.example:3128",
            "http://ci:80#w@proxy.example:3128", "http://ci:80/w@proxy.example", "http://ci:p@w@proxy.example:3128",
            "ci:p#w@proxy.example:3128", "http://", "http://@", "http://ci:pw@", "http://ci:pw@:3128", "http://h:99999",
            "http://h:port", "http://h:1:2", "http://h h", "http://[::1", "gopher://h:1", "http://h:3128\n",
        ])
    func `row 4: a value that is no proxy's URL is told by its variable`(value: String) throws {
        for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            #expect(try invalid([variable: value]) == variable)
        }
        #expect(try invalid(["http_proxy": value], for: "http://plane.test") == "http_proxy")
        #expect(try invalid(["ALL_PROXY": value], for: "http://plane.test") == "ALL_PROXY")
    }

    @Test func `only the variable that libcurl reads for the server counts`() throws {
        let broken = "http://ci:p#w@h"
        #expect(try invalid(["http_proxy": broken, "HTTP_PROXY": broken]) == nil)
        #expect(try invalid(["HTTP_PROXY": broken], for: "http://plane.test") == nil)
        #expect(try invalid(["https_proxy": "http://h", "ALL_PROXY": broken]) == nil)
        #expect(try invalid(["https_proxy": "", "ALL_PROXY": broken]) == "ALL_PROXY")
        for exempt in ["*", "plane.test", "other, .TEST", "10.0.0.0/8"] {
            #expect(try invalid(["https_proxy": broken, "NO_PROXY": exempt]) == nil)
        }
        for other in ["", "lane.test", "example"] {
            #expect(try invalid(["https_proxy": broken, "no_proxy": other]) == "https_proxy")
        }
    }
}
