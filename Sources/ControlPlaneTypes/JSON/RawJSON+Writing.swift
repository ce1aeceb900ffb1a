package import FoundationEssentials

extension RawJSON {
    /// One line.
    package var data: Data {
        var output: [UInt8] = []
        write(to: &output, indentation: nil)
        return Data(output)
    }

    /// Two spaces a level, for people and programs alike; no line break at the end.
    package var indented: String {
        var output: [UInt8] = []
        write(to: &output, indentation: 0)
        return String(decoding: output, as: UTF8.self)
    }

    private func write(to output: inout [UInt8], indentation: Int?) {
        switch self {
        case .literal(let token), .string(let token):
            output += token
        case .array(let elements):
            Self.write(elements, between: "[", "]", to: &output, indentation) { element, inner, output in
                element.write(to: &output, indentation: inner)
            }
        case .object(let members):
            Self.write(members, between: "{", "}", to: &output, indentation) { member, inner, output in
                output += member.token
                output.append(UInt8(ascii: ":"))
                if inner != nil { output.append(UInt8(ascii: " ")) }
                member.value.write(to: &output, indentation: inner)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between start: Character, _ end: Character, to output: inout [UInt8], _ indentation: Int?,
        _ item: (Item, Int?, inout [UInt8]) -> Void
    ) {
        output += start.utf8
        let inner = indentation.map { $0 + 2 }
        for (index, value) in items.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            breakLine(inner, &output)
            item(value, inner, &output)
        }
        if !items.isEmpty { breakLine(indentation, &output) }
        output += end.utf8
    }

    private static func breakLine(_ indentation: Int?, _ output: inout [UInt8]) {
        guard let indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output += repeatElement(UInt8(ascii: " "), count: indentation)
    }
}
