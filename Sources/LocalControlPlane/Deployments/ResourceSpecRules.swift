import ControlPlaneTypes

extension BodyReader {
    /// Checks the fields of a resource specification that have a type of their own; others are kept as they are.
    func checkResourceSpec() {
        for name in Self.wholeNumbers { _ = integer(name, in: Int.min...Int.max) }
        for (name, largest) in Self.shares { number(name, from: 0.1, to: largest) }
        for name in Self.plainNumbers { number(name, from: -.infinity, to: .infinity) }
        for name in ["labels", "annotations"] { checkTexts(in: name) }
        for name in ["image_pull_secrets", "volumes", "volume_mounts", "init_containers", "sidecars"] {
            _ = objects(name)
        }
        _ = string("service_account_name")
    }

    private static let wholeNumbers = [
        "min_scale", "max_scale", "memory_mb", "memory_limit_mb", "queue_min_scale", "queue_max_scale",
        "queue_memory_mb", "queue_memory_limit_mb", "redis_memory_mb", "redis_memory_limit_mb", "core_memory_mb",
        "core_memory_limit_mb", "db_memory_mb", "db_memory_limit_mb", "db_storage_gi", "db_max_connections",
    ]

    /// Of processors, each with the most that may be asked for.
    private static let shares: [(String, Double)] = [
        ("cpu", 8), ("queue_cpu", 8), ("redis_cpu", 8), ("cpu_limit", 16), ("queue_cpu_limit", 16),
        ("redis_cpu_limit", 16), ("core_cpu", .infinity), ("core_cpu_limit", .infinity),
    ]

    private static let plainNumbers = ["db_cpu", "db_cpu_limit"]

    private func number(_ name: String, from least: Double, to most: Double) {
        guard let value = value(name) else { return }
        let number: Double
        switch value {
        case .integer(let whole): number = Double(whole)
        case .number(let fraction): number = fraction
        default:
            return report(FieldProblem("float_type", at: path(name), "Input should be a valid number", input: value))
        }
        if number < least {
            report(
                FieldProblem(
                    "greater_than_equal", at: path(name), "Input should be greater than or equal to \(least)",
                    input: value, context: ["ge": .number(least)]))
        } else if number > most {
            report(
                FieldProblem(
                    "less_than_equal", at: path(name), "Input should be less than or equal to \(most)", input: value,
                    context: ["le": .number(most)]))
        }
    }

    private func checkTexts(in name: String) {
        guard let texts = object(name) else { return }
        for key in texts.names { _ = texts.string(key) }
    }
}
