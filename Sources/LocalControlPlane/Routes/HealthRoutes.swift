import Hummingbird

/// Says that the plane answers, to anyone.
struct HealthRoutes {
    func add(to router: some RouterMethods<PlaneContext>) {
        router.get("/ok") { _, _ in try Response(json: ["ok": true]) }
    }
}
