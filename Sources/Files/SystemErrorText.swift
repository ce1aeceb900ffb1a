import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Why the system refused something, in its own words.
package enum SystemErrorText {
    /// The system's words where the error has a code of it, else the error as it describes itself.
    package static func text(of error: any Error) -> String {
        let cause = (error as? CocoaError)?.underlying as? POSIXError ?? error as? POSIXError
        return cause.map { text(ofCode: $0.code.rawValue) } ?? "\(error)"
    }

    /// Of a call that has just failed.
    package static var ofLastCall: String { text(ofCode: errno) }

    package static func text(ofCode code: Int32) -> String { String(cString: strerror(code)) }
}
