import Hummingbird

/// A local plane has no listeners; a client that asks is told so.
struct ListenerRoutes {
    func add(to router: some RouterMethods<PlaneContext>) {
        router.get("/v2/listeners") { request, _ in
            var query = QueryReader(request)
            let slice = query.slice(limits: 1...100)
            try query.validate()
            return try Response(json: PageAnswer([String](), slice: slice))
        }
    }
}
