import HTTPTypes
import Hummingbird

extension Router {
    /// Answers 405 for the methods that no route of a known path has; to be called after the last route.
    func refuseOtherMethods() {
        let known: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]
        for (_, routes) in Dictionary(grouping: routes, by: \.path.description) {
            guard let path = routes.first?.path else { continue }
            let allowed = routes.map(\.method)
            let list = allowed.map(\.rawValue).joined(separator: ", ")
            for method in known where !allowed.contains(method) {
                on(path, method: method) { _, _ -> Response in
                    throw APIProblem(.methodNotAllowed, "Method Not Allowed", headers: [.allow: list])
                }
            }
        }
    }
}
