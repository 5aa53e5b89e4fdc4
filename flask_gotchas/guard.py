"""What must not reach LibCST's native parser, which would end the process, or not come to an end.

It recurses without a limit, and takes time and memory by the square of the length of an expression,
by the power of four of the depth of a pattern, and some kilobytes for each comma. Almost every file
is let through by counting characters, which costs less than a hundredth of the parse. CPython's
parser is asked about the others, since it alone knows for sure what is code and what is text.
"""

from __future__ import annotations

import ast
import re
import warnings

# CPython refuses more than 200 nested brackets, whatever they are.
_MOST_BRACKETS = 150
_MOST_BRACKETS_IN_PATTERN = 9
# Each level of an expression weighs 1, those that cost LibCST more weigh as much more. So long
# expressions take some seconds, and a gigabyte.
_MOST_WEIGHT = 3200
_WEIGHTS: dict[type, int] = {
    ast.Attribute: 3, ast.Call: 3, ast.IfExp: 2, ast.Lambda: 2, ast.Subscript: 3,
}  # fmt: skip
# How often LibCST copies what is on the left of each, and how many copies take some seconds.
_COPIES: dict[type, int] = {ast.Attribute: 1, ast.BinOp: 1, ast.Call: 4, ast.Subscript: 1}
_MOST_COPIES = 20_000_000
# So many operands of `and` or `or` weigh 1.
_OPERANDS = 8
# No expression goes on after a line that begins with `def`, unless that is text. Whoever hides an
# expression in that way makes it look some times lighter, no more.
_MUCH_WEIGHT = 16 * _MOST_WEIGHT
_LONG = 16_000
_CHUNK = re.compile(r"\n(?=[ \t]*(?:(?:async )?def|class) )")
_LARGE = 500_000
_TOO_DEEP = "the code is nested too deeply to be parsed"
_MOST_MARKS = 600_000

_BRACKETS = bytes.maketrans(b"[{]}", b"(())")
_ALL_BYTES = bytes(range(256))
_NO_BRACKETS = _ALL_BYTES.translate(None, b"()[]{}")
_NO_POSTFIXES = _ALL_BYTES.translate(None, b".([{")
_NO_OPERATORS = _ALL_BYTES.translate(None, b"+-*/%|&^@~<>")
_NO_MARKS = _ALL_BYTES.translate(None, b"+-*/%|&^@~<>.,:;([{=\r\n")
_WORDS = ("and", "or", "not", "elif", "await")
_CASE = re.compile(r"(?:^|[\r\n])[ \t\f\\\r\n]*case\b")
_LINE_END = re.compile(r"\r\n?|\n")
# CPython copies the module that is imported once more for each of its names, and keeps all of that.
_LONG_IMPORT = re.compile(r"\b(?:import|from)[\s\\]+((?:\w+[\s\\]*\.[\s\\]*){1000,})")
_MOST_COPIED = 50_000_000


class UnparsableError(Exception):
    """A file that cannot be read as Python; `line` is 1-based, `column` 0-based."""

    def __init__(self, message: str, line: int = 1, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def refuse_what_kills(text: str, tree: ast.Module | None = None) -> None:
    """Raise UnparsableError for code that LibCST would not survive, or not finish within seconds.

    `tree` is what `ast` makes of the text, which saves doing that again.
    """
    data = _encoded(text)
    if len(data) > _LARGE and len(data.translate(None, _NO_MARKS)) > _MOST_MARKS:
        raise UnparsableError("the code is too large to be parsed")
    brackets, weight = _depth(data), _weight(text, data)
    has_patterns = brackets > _MOST_BRACKETS_IN_PATTERN and _CASE.search(text) is not None
    heaviest = weight
    if weight <= _MUCH_WEIGHT and _with_length(weight, data) > _MOST_WEIGHT:
        chunks = ((chunk, _encoded(chunk)) for chunk in _chunks(text))
        heaviest = max((_with_length(_weight(*chunk), chunk[1]) for chunk in chunks), default=0)
    if heaviest <= _MOST_WEIGHT and brackets <= _MOST_BRACKETS and not has_patterns:
        return
    said = tree if tree is not None else ask_python(text)
    if isinstance(said, ast.Module):
        _refuse_by_tree(text, said, has_patterns=has_patterns)
    elif isinstance(said, SyntaxError):
        # Perhaps it is only too new for this Python, so what is merely suspicious goes on.
        column = max((said.offset or 1) - 1, 0)
        if "nested parentheses" in str(said.msg):
            raise UnparsableError("too many nested brackets", said.lineno or 1, column)
        if has_patterns or brackets > 4 * _MOST_BRACKETS or heaviest > _MUCH_WEIGHT:
            raise UnparsableError(str(said.msg), said.lineno or 1, column)
    else:
        raise cannot(said)


def ask_python(text: str) -> ast.Module | Exception:
    """Let CPython parse source, and give the tree or what it raises."""
    for found in _LONG_IMPORT.finditer(text):
        if len(found[1]) * found[1].count(".") > _MOST_COPIED:
            return MemoryError()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the checked code
            return ast.parse(text)
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        return error


def cannot(error: Exception) -> UnparsableError:
    """Say why CPython could not even tell whether the syntax is right."""
    if isinstance(error, UnicodeError):
        return UnparsableError("the code contains half of a surrogate pair")
    return UnparsableError(_TOO_DEEP)


# By characters


def _depth(data: bytes) -> int:
    """Tell how deep brackets are nested at most, those in strings and comments included."""
    left = data.translate(_BRACKETS, _NO_BRACKETS)
    for depth in range(_MOST_BRACKETS):
        inside = left.replace(b"()", b"")
        if len(inside) == len(left):
            return depth + left.count(b"(")
        left = inside
    return _MOST_BRACKETS + left.count(b"(")


def _weight(text: str, data: bytes) -> int:
    return (
        3 * len(data.translate(None, _NO_POSTFIXES))
        + len(data.translate(None, _NO_OPERATORS))
        + sum(map(text.count, _WORDS))
        + 2 * text.count("else")
        + 4 * text.count("lambda")
    )


def _with_length(weight: int, data: bytes) -> int:
    """Make code heavier that is long, too, so that all the more is copied."""
    return max(weight, min(weight * len(data) // _LONG, _MUCH_WEIGHT))


def _chunks(text: str) -> list[str]:
    """Cut code before functions and classes; what is too short to be heavy is left out."""
    # No character weighs more than 3.
    return [chunk for chunk in _CHUNK.split(text) if len(chunk) > _MOST_WEIGHT // 3]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# By the tree


def _refuse_by_tree(text: str, tree: ast.Module, *, has_patterns: bool) -> None:
    lines = _LINE_END.split(text)
    place = None
    is_heavy = is_deep = False
    for statement in tree.body:
        decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        if place != (first, statement.end_lineno):  # thousands may be on one line
            place = first, statement.end_lineno
            code = "\n".join(lines[first - 1 : statement.end_lineno])
            data = _encoded(code)
            is_heavy = _with_length(_weight(code, data), data) > _MOST_WEIGHT
            is_deep = has_patterns and _depth(data) > _MOST_BRACKETS_IN_PATTERN
        if is_heavy:
            _refuse_heavy(statement)
        if is_deep:
            _refuse_patterns(lines, statement)


def _refuse_heavy(statement: ast.stmt) -> None:
    todo: list[tuple[ast.AST, int, ast.stmt]] = [(statement, 0, statement)]
    parts: list[tuple[ast.AST, list[ast.AST]]] = []
    while todo:
        node, weight, within = todo.pop()
        if isinstance(node, ast.stmt):
            within = node
        weight += _WEIGHTS.get(type(node), 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            weight += 2
        elif isinstance(node, ast.BoolOp):
            weight += len(node.values) // _OPERANDS
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            weight += len(node.generators)
        elif isinstance(node, ast.alias):
            weight += node.name.count(".")
        elif isinstance(node, ast.ImportFrom):
            weight += (node.module or "").count(".")
        if weight > _MOST_WEIGHT:
            raise UnparsableError(_TOO_DEEP, within.lineno, 0)
        children = list(ast.iter_child_nodes(node))
        parts.append((node, children))
        todo += [(child, weight, within) for child in children]
    if _copies(parts) > _MOST_COPIES:
        raise UnparsableError(_TOO_DEEP, statement.lineno, 0)


def _copies(parts: list[tuple[ast.AST, list[ast.AST]]]) -> int:
    """Estimate the nodes that LibCST copies: all on the left of each operator, call and so on.

    `parts` are nodes with those in them, each after the one that it is in.
    """
    copied = 0
    sizes: dict[int, int] = {}
    for node, children in reversed(parts):
        sizes[id(node)] = 1 + sum(sizes[id(child)] for child in children)
        copied += _COPIES.get(type(node), 0) * sizes[id(children[0])] if children else 0
    return copied


def _refuse_patterns(lines: list[str], statement: ast.stmt) -> None:
    for node in ast.walk(statement):
        if isinstance(node, ast.Match):
            before = node.subject.end_lineno or node.lineno
            for case in node.cases:
                body = case.body[0]
                last = lines[body.lineno - 1][
                    : body.col_offset
                ]  # a byte for each character or more
                head = "\n".join([*lines[before - 1 : body.lineno - 1], last])
                if _depth(_encoded(head)) > _MOST_BRACKETS_IN_PATTERN:
                    problem = "a pattern is nested too deeply to be parsed"
                    raise UnparsableError(problem, case.pattern.lineno, case.pattern.col_offset)
                before = case.body[-1].end_lineno or before
