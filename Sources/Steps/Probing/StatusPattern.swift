/// HTTP statuses that are good: `200`, or a class such as `2xx`.
struct StatusPattern: Equatable, CustomStringConvertible {
    let description: String
    private let statuses: ClosedRange<Int>

    init?(_ text: String) {
        if let status = Int(text), (100...599).contains(status) {
            statuses = status...status
        } else if text.utf8.count == 3, text.hasSuffix("xx"), let digit = Int(text.prefix(1)), (1...5).contains(digit) {
            statuses = digit * 100...digit * 100 + 99
        } else {
            return nil
        }
        description = text
    }

    func contains(_ status: Int) -> Bool { statuses.contains(status) }
}
