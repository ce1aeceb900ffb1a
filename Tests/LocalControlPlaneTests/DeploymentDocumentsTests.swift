import ControlPlaneTypes
import Testing

@testable import LocalControlPlane

struct DeploymentDocumentsTests {
    private func version(_ id: String, _ number: Int64) -> DeploymentVersion {
        DeploymentVersion(id: DeploymentID(id), number: number)
    }

    @Test
    func `a document is that of its version alone`() {
        let documents = DeploymentDocuments()
        documents.keep([1], of: version("a", 7))
        #expect(documents.document(of: version("a", 7)) == [1])
        #expect(documents.document(of: version("a", 8)) == nil)
        #expect(documents.document(of: version("b", 7)) == nil)
        documents.keep([2], of: version("a", 8))
        #expect(documents.document(of: version("a", 8)) == [2])
        #expect(documents.document(of: version("a", 7)) == nil)
    }

    @Test
    func `no more is kept than the limit allows, and a document that took another's place counts once`() {
        let documents = DeploymentDocuments(limit: 10)
        for number in 1...20 { documents.keep(Array(repeating: 0, count: 6), of: version("a", Int64(number))) }
        documents.keep(Array(repeating: 1, count: 4), of: version("b", 1))
        #expect(documents.document(of: version("a", 20)) != nil)
        #expect(documents.document(of: version("b", 1)) != nil)
        documents.keep([2], of: version("c", 1))
        #expect(documents.document(of: version("a", 20)) == nil)
        documents.keep([3], of: version("c", 1))
        #expect(documents.document(of: version("c", 1)) == [3])
    }
}
