import ControlPlane
import FoundationEssentials
import Redaction

/// The control planes that a `.slipway.yml` may name. The file comes with the checkout, for example of a pull request, so it
/// must not decide alone which host gets the API key.
struct TrustedControlPlanes: Sendable {
    static let variable = "SLIPWAY_TRUSTED_CONTROL_PLANES"
    private static let cloudHost = "api.host.langchain.com"

    let environment: [String: String]

    /// The location in the file. Throws `ControlPlaneError` if the key may not be sent there.
    func location(
        _ setting: ProjectSettings.Setting<String>
    ) throws(ControlPlaneError) -> ControlPlaneLocation {
        let location = try ControlPlaneLocation(setting.value, source: setting.source)
        guard case .remote(let address) = location, !isTrusted(address.baseURL) else { return location }
        throw ControlPlaneError(
            .configuration, "untrusted control plane in \(setting.source): \(address.baseURL)",
            hint: "if the API key may be sent there, set \(Self.variable)=\(Self.origin(of: address.baseURL)), "
                + "or pass --control-plane")
    }

    private func isTrusted(_ url: String) -> Bool {
        // Whatever URL parsers could read in two ways is not trusted.
        guard url.utf8.allSatisfy(Self.isPlain), let origin = Origin(ofURL: url) else { return false }
        if origin.isLoopback || confirmed.contains(origin) { return true }
        return origin.scheme == "https" && origin.port == 443
            && (origin.host == Self.cloudHost || origin.host.hasSuffix("." + Self.cloudHost))
    }

    /// Those that the user named, separated by commas or blanks.
    private var confirmed: Set<Origin> {
        let words = (environment[Self.variable] ?? "").split { $0 == "," || $0.isWhitespace }
        return Set(words.compactMap { Origin(ofURL: $0.contains("://") ? String($0) : "https://\($0)") })
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:/[]".utf8.contains(byte)
        }
    }

    private static func origin(of url: String) -> String {
        guard let origin = Origin(ofURL: url) else { return url }
        let isStandard = origin.port == (origin.scheme == "https" ? 443 : 80)
        return "\(origin.scheme)://\(origin.host)\(isStandard ? "" : ":\(origin.port)")"
    }
}

extension AccessOptions {
    /// Throws `ControlPlaneError` if the first setting found is not a valid address.
    func location(
        _ settings: ProjectSettings, environment: [String: String]
    ) throws(ControlPlaneError) -> ControlPlaneLocation {
        try ControlPlaneLocation.resolve(flag: controlPlane, environment: environment) {
            () throws(ControlPlaneError) -> ControlPlaneLocation? in
            guard let setting = settings.controlPlane else { return nil }
            return try TrustedControlPlanes(environment: environment).location(setting)
        }
    }
}
