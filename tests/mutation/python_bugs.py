"""Bugs of one expression or statement, seeded into the syntax tree of a module."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

_PAIRS: tuple[tuple[type[ast.AST], type[ast.AST]], ...] = (
    *((ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn), (ast.Lt, ast.LtE), (ast.Gt, ast.GtE)),
    *((ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.FloorDiv), (ast.BitOr, ast.BitAnd)),
)
OPERATORS = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
OPPOSITES = {"any": "all", "all": "any", "min": "max", "max": "min"}
# Methods without which a queryset has more rows.
NARROWING = {"filter", "exclude", "visible_to", "open", "in_force", "waiting"}
# Their arguments are read by people or by type checkers, or change how fast something is and not its result.
UNREAD_CALLS = {"_", "ngettext_lazy", "gettext", "cast", "assert_never", "TypeVar", "dataclass", "field"}
UNREAD_METHODS = {"info", "warning", "error", "exception", "select_related", "prefetch_related", "iterator"}
UNREAD_FIELDS = {"annotation", "returns", "decorator_list", "type_params", "bases", "slice"}


@dataclass(frozen=True, slots=True)
class PythonBug:
    """`index`: its place in the order in which `list_bugs` finds the bugs of this module.

    `function`: the file and first line of the function whose body it is in; empty outside functions.
    """

    path: str
    function: str
    index: int
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} -> {self.after}"


class _Seed(NamedTuple):
    node: ast.AST
    replacement: ast.AST
    apply: Callable[[], None]


def list_bugs(path: str, source: str) -> list[PythonBug]:
    """All bugs that can be seeded into the module."""
    tree = ast.parse(source)
    firsts = _first_lines(tree)
    bugs = []
    for index, seed in enumerate(_find_seeds(tree)):
        line: int = getattr(seed.node, "lineno", 0)
        function = f"{path}:{firsts[line]}" if line in firsts else ""
        bugs.append(PythonBug(path, function, index, line, _shorten(seed.node), _shorten(seed.replacement)))
    return bugs


def _first_lines(tree: ast.Module) -> dict[int, int]:
    """By each line in the body of a function: the first line of the innermost function, decorators included."""
    firsts: dict[int, int] = {}
    # From the outside in.
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            firsts |= dict.fromkeys(range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1), first)
    return firsts


def seed_bug(bug: PythonBug, source: str) -> ast.Module:
    """The module with the bug in it."""
    tree = ast.parse(source)
    seed = list(_find_seeds(tree))[bug.index]
    seed.apply()
    ast.copy_location(seed.replacement, seed.node)
    return ast.fix_missing_locations(tree)


def _shorten(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _find_seeds(node: ast.AST) -> Iterator[_Seed]:
    for name, value in ast.iter_fields(node):
        if name in UNREAD_FIELDS:
            continue
        items = value if isinstance(value, list) else [value]
        for place, item in enumerate(items):
            if isinstance(item, ast.AST) and not _is_unread(item):
                for replacement in _replacements(item):
                    yield _Seed(item, replacement, _setter(node, name, place, value, replacement))
                yield from _find_seeds(item)


def _setter(node: ast.AST, name: str, place: int, value: object, replacement: ast.AST) -> Callable[[], None]:
    def apply() -> None:
        if isinstance(value, list):
            value[place] = replacement
        else:
            setattr(node, name, replacement)

    return apply


def _is_unread(node: ast.AST) -> bool:
    """Whether a change inside it changes nothing that a test could or should see."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.JoinedStr() | ast.TypeAlias() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Call(func=ast.Name(id=name)) | ast.BinOp(left=ast.Call(func=ast.Name(id=name)), op=ast.Mod()):
            return name in UNREAD_CALLS
        # The reason of an exception that has no other.
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="__init__"), args=[ast.Call(func=ast.Name(id="_"))])):
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in UNREAD_METHODS
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        # A code and its label, and how a model is named and sorted: the database is made by migrations.
        case ast.Tuple(elts=[ast.Constant(), ast.Call(func=ast.Name(id="_"))]):
            return True
        # Tests give the moment, or do not.
        case ast.BoolOp(values=[ast.Name(id="now"), *_]):
            return True
        case ast.ClassDef(name="Meta") | ast.FunctionDef(name="__str__" | "__repr__"):
            return True
    return False


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Call():
            yield from _call_replacements(node)
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
            yield from _shorter(node)
        case ast.stmt():
            yield from _statement_replacements(node)
        case ast.expr():
            yield from _expression_replacements(node)


def _expression_replacements(node: ast.expr) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=comparators):
            yield ast.Compare(left, [_opposite(operator)], comparators)
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(_opposite(operator), values)
            for others in _without_each(values):
                yield others[0] if len(others) == 1 else ast.BoolOp(operator, others)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            yield ast.BinOp(left, _opposite(operator), right)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from map(ast.Constant, other_numbers(value))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)


def _opposite[Operator: ast.AST](operator: Operator) -> Operator:
    opposite: type[Operator] = OPERATORS[type(operator)]  # type: ignore[assignment] # of the same kind
    return opposite()


def other_numbers(number: int) -> tuple[int, ...]:
    """A limit of more than a few no longer limits, or refuses nearly everything."""
    return (number + 1,) if number < 3 else (number * 10, number // 3)


def _call_replacements(node: ast.Call) -> Iterator[ast.AST]:
    match node.func:
        case ast.Name(id=name) if name in OPPOSITES:
            yield ast.Call(ast.Name(OPPOSITES[name], ast.Load()), node.args, node.keywords)
        case ast.Attribute(value=value, attr=name) if name in NARROWING:
            yield value
            for others in _without_each(node.keywords):
                yield ast.Call(node.func, node.args, others)


def _shorter(node: ast.Tuple | ast.List | ast.Set | ast.Dict) -> Iterator[ast.AST]:
    """Without one of its elements: a row less in a table, a field that is not saved."""
    match node:
        case ast.Dict(keys=keys, values=values):
            for others in _without_each(list(zip(keys, values, strict=True))):
                yield ast.Dict([key for key, _value in others], [value for _key, value in others])
        case ast.Set(elts=elements):
            yield from map(ast.Set, _without_each(elements))
        case ast.Tuple(elts=elements, ctx=ast.Load()) | ast.List(elts=elements, ctx=ast.Load()):
            yield from (type(node)(others, ast.Load()) for others in _without_each(elements))


def _without_each[Element](elements: list[Element]) -> list[list[Element]]:
    """The list without its first element, without its second, and so on; none of a list of one."""
    return [elements[:place] + elements[place + 1 :] for place in range(len(elements)) if len(elements) > 1]


def _statement_replacements(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Continue():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Tuple(elts=[ast.Attribute(), *_])]):
            yield ast.Pass()
        case ast.AugAssign(target=target, op=operator, value=value) if type(operator) in OPERATORS:
            yield ast.AugAssign(target, _opposite(operator), value)
