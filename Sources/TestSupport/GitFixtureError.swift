/// A `git` command of a fixture that failed.
package struct GitFixtureError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
