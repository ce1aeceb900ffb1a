/// One JSON object of a manifest, read key by key so that all its problems are told at once.
struct ManifestSection {
    private let container: KeyedDecodingContainer<Key>
    private let path: String
    private(set) var problems: [String] = []

    init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: Key.self)
        path = ""
    }

    private init(_ container: KeyedDecodingContainer<Key>, path: String) {
        self.container = container
        self.path = path
    }

    func has(_ key: String) -> Bool {
        container.contains(Key(key))
    }

    /// Nil when the key is missing, and when its value is noted as a problem.
    mutating func read<Value: Decodable>(
        _ key: String, expected: String, where isValid: (Value) -> Bool = { _ in true }
    ) -> Value? {
        guard has(key) else { return nil }
        if let value = try? container.decode(Value.self, forKey: Key(key)), isValid(value) { return value }
        problems.append("\"\(path + key)\" must be \(expected)")
        return nil
    }

    /// Nil when the key is missing or has another type, which is no problem by itself.
    func quietly<Value: Decodable>(_ key: String, as type: Value.Type) -> Value? {
        try? container.decode(type, forKey: Key(key))
    }

    mutating func section(_ key: String) -> ManifestSection? {
        guard has(key) else { return nil }
        guard let nested = try? container.nestedContainer(keyedBy: Key.self, forKey: Key(key)) else {
            problems.append("\"\(path + key)\" must be an object")
            return nil
        }
        return ManifestSection(nested, path: path + key + ".")
    }

    mutating func require(_ key: String, _ reason: String) {
        if !has(key) { problems.append("\"\(path + key)\" is missing: \(reason)") }
    }

    mutating func allow(only known: [String]) {
        for key in container.allKeys.map(\.stringValue).sorted() where !known.contains(key) {
            problems.append("\"\(path + key)\" is not known here (known: \(known.joined(separator: ", ")))")
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}
