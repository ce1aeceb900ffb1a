import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// The operating system's text for an error.
package enum SystemErrorText {
    /// The system's text for an error with a POSIX code, else the error's description.
    package static func text(of error: any Error) -> String {
        let cause = (error as? CocoaError)?.underlying as? POSIXError ?? error as? POSIXError
        return cause.map { text(ofCode: $0.code.rawValue) } ?? "\(error)"
    }

    /// The text for the call that has just failed.
    package static var ofLastCall: String { text(ofCode: errno) }

    package static func text(ofCode code: Int32) -> String { String(cString: strerror(code)) }
}
