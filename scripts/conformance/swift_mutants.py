"""Finds what can be changed in a Swift file, one rule at a time, and rewrites the file so that it holds every change at
once: which of them is in effect, the environment variable SLIPWAY_MUTANT decides when the program starts."""

import dataclasses
import re


@dataclasses.dataclass
class Mutant:
    number: int
    file: str
    # From 1.
    line: int
    change: str
    # Of the rewritten text; a line that does not compile takes its mutants out.
    last_line: int


NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
# Where `<` and `==` are part of a type.
DECLARATION = r"\s*(package |private |fileprivate )?(static )?(extension|func|struct|enum|protocol)\b"
# What begins a line that is more than an assignment or a call.
NO_STATEMENT = (r"(?:let|var|case|try|await|guard|if|for|while|import|static|package|private|defer|default)\b"
                r"|(?:return|throw)\b|self\.")
PRECEDENCE = {"&&": "LogicalConjunctionPrecedence", "||": "LogicalDisjunctionPrecedence"}

SUPPORT = """import Glibc

/// The change that is in effect; 0 for none.
enum Mutation {
    static let active = getenv("SLIPWAY_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0
}

func mutated(_ number: Int, _ value: @autoclosure () throws -> Bool, _ other: Bool) rethrows -> Bool {
    Mutation.active == number ? other : try value()
}

extension Sequence {
    func filter(_ number: Int, _ isIncluded: (Element) throws -> Bool) rethrows -> [Element] {
        Mutation.active == number ? Array(self) : try filter(isIncluded)
    }
}
"""


@dataclasses.dataclass
class Edit:
    """One replacement in the text of a file; those of a position happen in `order`."""
    position: int
    order: int
    inserted: str
    numbers: set
    removed: int = 0
    declaration: str = ""


class MutableFile:
    """The changes of one file."""

    def __init__(self, path, text, first_number):
        self.path, self.text = path, text
        self.code = without_text(text)
        self.number = first_number
        self.mutants, self.edits = [], []

    def add(self, start, end, change):
        line = self.text.count("\n", 0, start) + 1
        mutant = Mutant(self.number, self.path, line, change, self.text.count("\n", 0, end) + 1)
        self.mutants.append(mutant)
        self.number += 1
        return mutant.number

    def find(self):
        self.find_clauses()
        self.find_operators()
        self.find_filters()
        self.find_statements()
        return self

    def find_clauses(self):
        """Conditions of guard, if and where: left out, and where one stands alone also the other way round."""
        for match in re.finditer(r"\b(guard|if|where) ", self.code):
            word, start = match.group(1), match.end()
            before = self.code[:match.start()].rpartition("\n")[2]
            if word == "where" and not re.search(r"\b(for|catch)\b", before):
                continue
            clauses = list(split_condition(self.code, start, " else {" if word == "guard" else " {"))
            for first, last in clauses:
                clause = self.text[first:last]
                if re.match(r"(let|var|case|#|try|await)\b", clause) or re.search(r"\b(try|await|is|as)\b", clause):
                    continue
                values = ["true"] if word != "if" or len(clauses) > 1 else ["false"]
                if len(clauses) == 1 and word != "where":
                    values = ["true", "false"]
                for value in values:
                    shown = " ".join(clause.split())
                    number = self.add(first, last, f"{word} {shown}  ->  {value}")
                    self.edits += [Edit(first, -number, f"mutated({number}, ", {number}),
                                   Edit(last, number, f", {value})", {number})]

    def find_operators(self):
        """Comparisons the other way round; of two conditions only one."""
        for match in re.finditer(r"(?<= )(&&|\|\||==|!=|<=|>=|<|>)(?=[ \n])", self.code):
            line = self.code[:match.start()].rpartition("\n")[2] + self.code[match.start():].partition("\n")[0]
            if re.match(DECLARATION, line):
                continue
            symbol = match.group(1)
            if symbol in NEGATED:
                numbers = [self.add(*match.span(), f"{line.strip()}  ->  {NEGATED[symbol]}")]
            else:
                numbers = [self.add(*match.span(), f"{line.strip()}  ->  only what is {side} of {symbol}")
                           for side in ("left", "right")]
            name = symbol + "".join("^" if bit == "1" else "~" for bit in f"{numbers[0]:b}")
            self.edits.append(Edit(match.start(), 0, name, set(numbers), len(symbol), operator(name, symbol, numbers)))

    def find_filters(self):
        for match in re.finditer(r"(?<!\.lazy)\.filter( \{|\()", self.code):
            number = self.add(*match.span(), "filter left out")
            inserted = f".filter({number}, " if match.group(1) == "(" else f".filter({number}) {{"
            self.edits.append(Edit(match.start(), 0, inserted, {number}, len(match.group(0))))

    def find_statements(self):
        """Assignments and calls that fill a line of their own: left out."""
        pattern = rf"^( +)((?!{NO_STATEMENT})[a-z][\w.]*(?:\([^\n]*\)| [-+]?= [^\n]*[^\s{{(,]))$"
        for match in re.finditer(pattern, self.code, re.MULTILINE):
            statement = match.group(2)
            if any(statement.count(a) != statement.count(b) for a, b in ("()", "[]", "{}")):
                continue
            following = self.code[match.end() + 1:].partition("\n")[0].strip()
            preceding = self.code[:match.start()].rstrip("\n").rpartition("\n")[2].strip()
            # What stands alone in braces may be a value that is returned.
            if not is_statement(statement) or (following == "}" and preceding.endswith("{")):
                continue
            if following.startswith((".", "?", "+", "&&", "||", ":")) or "await" in statement:
                continue
            number = self.add(match.start(2), match.end(2), f"left out: {self.text[match.start(2):match.end(2)]}")
            self.edits += [Edit(match.start(2), -number, f"if Mutation.active != {number} {{ ", {number}),
                           Edit(match.end(2), number, " }", {number})]

    def rewritten(self, left_out):
        """The file with all its changes except those left out, and the operators that these need."""
        kept = [edit for edit in self.edits if not edit.numbers & left_out]
        text = self.text
        for edit in sorted(kept, key=lambda edit: (edit.position, edit.order), reverse=True):
            text = text[:edit.position] + edit.inserted + text[edit.position + edit.removed:]
        return text, [edit.declaration for edit in kept if edit.declaration]


def is_statement(text):
    """Whether it assigns, or only calls something."""
    if re.match(r"[\w.\[\]]+ [-+]?= ", text):
        return True
    while re.search(r"\([^()]+\)", text):
        text = re.sub(r"\([^()]+\)", "()", text)
    return re.fullmatch(r"[a-z][\w.]*\(\)(\.\w+\(\))*", text) is not None


def operator(name, symbol, numbers):
    """The declaration of an operator that acts as `symbol`, or as what a mutant makes of it."""
    first = numbers[0]
    if symbol in NEGATED:
        kind = "Equatable" if symbol in ("==", "!=") else "Comparable"
        return (f"infix operator {name}: ComparisonPrecedence\n"
                f"func {name} <T: {kind}>(l: T, r: T) -> Bool {{ Mutation.active == {first} ? l {NEGATED[symbol]} r : "
                f"l {symbol} r }}\n")
    return (f"infix operator {name}: {PRECEDENCE[symbol]}\n"
            f"func {name} (l: Bool, r: @autoclosure () throws -> Bool) rethrows -> Bool {{\n"
            f"    if Mutation.active == {first} {{ return l }}\n"
            f"    if Mutation.active == {numbers[1]} {{ return try r() }}\n"
            f"    return try l {symbol} r()\n}}\n")


def without_text(text):
    """The same length, with blanks for what strings and comments say."""
    pattern = r'//[^\n]*|"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"'
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match.group(0)) if match.group(0)[0] == "/"
                  else '"' + re.sub(r"[^\n]", "_", match.group(0)[1:-1]) + '"', text)


def split_condition(code, start, end):
    """The clauses of a condition that begins at `start`, as pairs of positions."""
    depth, first, position = 0, start, start
    while position < len(code):
        char = code[position]
        if char in "([{":
            if depth == 0 and char == "{" and end == " {":
                break
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif depth == 0 and code.startswith("else {", position):
            break
        elif char == "," and depth == 0:
            yield trimmed(code, first, position)
            first = position + 1
        position += 1
    yield trimmed(code, first, position)


def trimmed(code, first, last):
    while first < last and code[first].isspace():
        first += 1
    while last > first and code[last - 1].isspace():
        last -= 1
    return first, last
