/// What this build calls itself; the changelog's newest heading says the same.
enum Version {
    static let current = "0.1.0"
}
