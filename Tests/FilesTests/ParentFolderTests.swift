import Files
import Testing

@Suite struct ParentFolderTests {
    @Test(arguments: [
        ("a.yml", "."), ("./a.yml", "."), ("ci/a.yml", "ci"), ("/a.yml", "/"), ("/srv/ci/a.yml", "/srv/ci"), ("", "."),
    ])
    func `a file lies in the folder that its path names`(file: String, folder: String) {
        #expect(ParentFolder.path(of: file) == folder)
    }
}
