/// One page of a list; `offset` is where the *next* page starts.
package struct Page<Resource: Codable & Sendable>: Codable, Sendable {
    package var resources: [Resource]
    package var offset: Int

    package init(resources: [Resource], offset: Int) {
        self.resources = resources
        self.offset = offset
    }
}
