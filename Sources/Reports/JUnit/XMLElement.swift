/// An XML element and its text, written by hand: libraries were seen to write files that no parser reads.
struct XMLElement {
    var name: String
    var attributes: [(name: String, value: String)] = []
    var text = ""
    var children: [XMLElement] = []

    init(_ name: String, _ attributes: [(name: String, value: String)] = [], text: String = "") {
        self.name = name
        self.attributes = attributes
        self.text = text
    }

    /// A whole document, in UTF-8, whatever the texts hold.
    var document: String {
        var result = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
        write(to: &result, indent: "")
        return result
    }

    private func write(to result: inout String, indent: String) {
        result += indent + "<" + name
        for attribute in attributes {
            result += " \(attribute.name)=\"\(XMLText.attribute(attribute.value))\""
        }
        guard !text.isEmpty || !children.isEmpty else {
            result += "/>\n"
            return
        }
        result += ">" + XMLText.content(text)
        if !children.isEmpty {
            result += "\n"
            for child in children { child.write(to: &result, indent: indent + "  ") }
            result += indent
        }
        result += "</\(name)>\n"
    }
}
