/// What may stand behind a key.
package indirect enum Shape: Sendable {
    /// Text as it is written, without expressions.
    case text
    /// The one version there is.
    case version
    /// Text in which `${{ }}` may stand.
    case template
    /// A bare expression.
    case condition
    /// A duration; `allowsTemplate`: or text with `${{ }}` that gives one.
    case duration(allowsTemplate: Bool)
    case boolean
    case integer(ClosedRange<Int>)
    case choice([String])
    /// One of the words, or a list of them.
    case choices([String])
    /// One id, or a list of them.
    case identifiers
    case identifier
    case texts
    /// A built-in step type or the path of a workflow file.
    case stepType
    /// A shell script without `${{ }}`, or a list of arguments with it.
    case script
    /// Text, number or boolean, read by the type that is declared for it.
    case scalar
    /// Variables for processes; values are templates.
    case environment
    /// Names with templates.
    case templates
    /// Names with anything; every text may have `${{ }}`.
    case data
    case matrix
    case group(KeyGroup)
    /// Names with groups.
    case named(KeyGroup)
    case list(KeyGroup)
}
