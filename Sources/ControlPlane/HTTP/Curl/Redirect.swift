/// Which redirects are followed: those of a GET within its origin, because the headers carry a key.
enum Redirect {
    /// As many as a browser would never need, and few enough to end a loop soon.
    static let limit = 5

    /// Where to go on, nil when the answer stands; throws `TransportError` when it points to another origin.
    static func target(of answer: CurlAnswer, to request: HTTPRequest) throws(TransportError) -> String? {
        guard [301, 302, 303, 307, 308].contains(answer.response.status), let target = answer.redirectURL else {
            return nil
        }
        let origin = Origin(ofURL: target)
        guard let origin, origin == request.origin else {
            throw TransportError(
                .crossOriginRedirect,
                "\(request.origin?.description ?? "the server") redirects to \(origin?.description ?? "another scheme")",
                mayHaveBeenProcessed: false)
        }
        return request.method == .get ? target : nil
    }
}
