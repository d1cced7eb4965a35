"""Calls and operators, as far as their kinds go: what they give, and what they are given."""

from __future__ import annotations

import ast
import difflib
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from verify.errors import UsageError
from verify.kinds import ValueKind, ViewOf, are_alike, either, in_words, kind_named
from verify.source import Class, Function, Module, Site
from verify.subset_words import ARITY, HOME_OF, LOADS_AND_STORES, QUANTIFIERS, SOFT

Names = dict[str, ValueKind]

GIVES = {
    **dict.fromkeys(("len", "int", "min", "max", "multiply_fold", "word_sum"), "int"),
    **dict.fromkeys(("select", "expected", "keyed_hash", "secret_word"), "int"),
    **{name: "int" if name.startswith("load") else "None" for name in LOADS_AND_STORES},
    "range": "range",
    "assume": "None",
    "prefetch": "None",
}
"""What the functions give that the verifier knows by itself."""


@dataclass(frozen=True)
class Mistake:
    """Where it is, and what is wrong there."""

    site: Site
    text: str

    @property
    def order(self) -> tuple[int, int]:
        """Of what is wrong, the first is told; in one line, what is outside of the subset."""
        return self.site.line, 1

    def __str__(self) -> str:
        return f"{self.site.place}: {self.text}"


def guess(name: str, known: Collection[str]) -> str:
    """The one that was meant, or which ones there are."""
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"write one of {', '.join(sorted(known))}" if known else "it has none"


@dataclass
class Operations(ABC):
    """Where mistakes go, and those of calls and operators."""

    module: Module
    found: list[Mistake] = field(default_factory=list)

    @abstractmethod
    def kind(self, node: ast.expr, names: Names) -> ValueKind:
        """What an expression stands for, and the mistakes in it."""

    @abstractmethod
    def generated(self, generators: Sequence[ast.comprehension], names: Names) -> Names:
        """The names inside of a comprehension."""

    def note(self, node: ast.AST, text: str) -> None:
        self.found.append(Mistake(Site(self.module.path, getattr(node, "lineno", 1)), text))

    def meaning(self, name: str) -> Class | Function | int | None:
        try:
            return self.module.lookup(name)
        except UsageError:
            return None

    def unknown(self, node: ast.expr, owner: str, name: str, known: Collection[str]) -> None:
        shown = [other for other in known if not other.startswith("_")]
        self.note(node, f"`{ast.unparse(node)}`: {owner} has no `{name}`; {guess(name, shown)}")

    def condition(self, node: ast.expr, names: Names) -> None:
        self.wanted(node, names, "bool", "write a comparison, such as `{} > 0`")

    def wanted(self, node: ast.expr, names: Names, kind: str, remedy: str) -> None:
        """Note an expression that is not of the kind that is wanted here."""
        given = self.kind(node, names)
        if not are_alike(given, kind):
            text = ast.unparse(node)
            advice = f"; {remedy.format(text)}" if remedy and given == "int" else ""
            self.note(node, f"`{text}` is {in_words(given)}, not {in_words(kind)}{advice}")

    # ------------------------------------------------------------ operators

    def operation(self, node: ast.BinOp, names: Names) -> ValueKind:
        left, right = self.kind(node.left, names), self.kind(node.right, names)
        text = ast.unparse(node)
        if isinstance(left, ViewOf) or isinstance(right, ViewOf):
            if not isinstance(node.op, ast.BitOr) or not are_alike(left, right):
                self.note(node, f"`{text}`: a view is joined with a view, by `|`")
            return either(left, right)
        odd = next((kind for kind in (left, right) if not are_alike(kind, "int")), None)
        if odd is not None:
            word = {ast.BitOr: "or", ast.BitAnd: "and"}.get(type(node.op))
            advice = f"; write `{word}`" if word and odd == "bool" else ""
            self.note(node, f"`{text}` needs integers, and {in_words(odd)} is none{advice}")
        return None if left is None and right is None else "int"

    def comparison(self, node: ast.Compare, names: Names) -> ValueKind:
        parts = [node.left, *node.comparators]
        kinds = [self.kind(part, names) for part in parts]
        for at, operator in enumerate(node.ops):
            self.compared(node, (parts[at], parts[at + 1]), operator, (kinds[at], kinds[at + 1]))
        return "bool"

    def compared(
        self,
        node: ast.expr,
        parts: tuple[ast.expr, ast.expr],
        operator: ast.cmpop,
        kinds: tuple[ValueKind, ValueKind],
    ) -> None:
        text, (left, right) = ast.unparse(node), kinds
        match operator:
            case ast.In() | ast.NotIn():
                if right is not None and not isinstance(right, ViewOf):
                    advice = f"; write {spelt_out(*parts, operator)}" if left == "int" else ""
                    self.note(node, f"`{text}`: `in` asks for a key of a view{advice}")
            case ast.Eq() | ast.NotEq():
                if not are_alike(left, right):
                    said = f"{in_words(left)} never equals {in_words(right)}"
                    self.note(node, f"`{text}`: {said}; compare values of one type")
            case _:
                odd = next((kind for kind in kinds if not are_alike(kind, "int")), None)
                if odd is not None:
                    said = "only integers have an order"
                    self.note(node, f"`{text}`: {said}, and {in_words(odd)} has none")

    # ------------------------------------------------------------ calls

    def call(self, node: ast.Call, names: Names) -> ValueKind:
        match node.func:
            case ast.Name(id=name) if name in QUANTIFIERS:
                return self.quantifier(node, name, names)
            case ast.Name(id=name) if self.is_builtin(name):
                return self.builtin(node, name, names)
            case ast.Name(id=name):
                given = [self.kind(argument, names) for argument in node.args]
                found = self.meaning(name)
                if isinstance(found, Function):
                    self.arguments(node, given, found)
                    return kind_named(found.node.returns, found.module)
                if isinstance(found, Class) and not found.is_enumeration:
                    self.fields(node, given, found)
                    return found
            case ast.Attribute(value=value, attr=name):
                return self.method(node, value, name, names)
        return None

    def is_builtin(self, name: str) -> bool:
        """Whether a name is of a function that the verifier knows by itself."""
        if name in SOFT:
            found = self.meaning(name)
            is_known = isinstance(found, Function) and found.module.name == HOME_OF[name]
            if found is not None and not is_known:
                return False
        return name in GIVES or name == "snapshot" or name in ARITY

    def builtin(self, node: ast.Call, name: str, names: Names) -> ValueKind:
        if name == "assume" and len(node.args) == 1:
            self.condition(node.args[0], names)
            return "None"
        given = [self.kind(argument, names) for argument in node.args]
        if name == "select" and len(given) == ARITY[name]:
            self.condition(node.args[0], names)
            for number in node.args[1:]:
                self.wanted(number, names, "int", "")
        if name == "snapshot" and given:
            if not are_alike(given[0], self.module.lookup_type("Packet")):
                text = ast.unparse(node)
                self.note(node, f"`{text}`: a snapshot is of a packet, not {in_words(given[0])}")
            return given[0]
        return GIVES.get(name)

    def quantifier(self, node: ast.Call, name: str, names: Names) -> ValueKind:
        match node.args:
            case [ast.GeneratorExp(elt=element, generators=generators)]:
                inner = self.generated(generators, names)
                if name == "all_different":
                    self.kind(element, inner)
                else:
                    self.condition(element, inner)
        return "bool"

    def method(self, node: ast.Call, value: ast.expr, name: str, names: Names) -> ValueKind:
        owner = self.kind(value, names)
        given = [self.kind(argument, names) for argument in node.args]
        if not isinstance(owner, Class):
            return None
        method = owner.methods.get(name)
        if method is None or method.is_marked("property") or method.is_marked("view"):
            text = ast.unparse(node.func)
            if method is None and name not in owner.fields:
                self.unknown(node, owner.name, name, {*owner.fields, *owner.methods})
            else:
                self.note(node, f"`{ast.unparse(node)}`: it is no method; write `{text}`")
            return None
        self.arguments(node, given, method)
        return kind_named(method.node.returns, owner.module)

    def arguments(self, node: ast.Call, given: Sequence[ValueKind], function: Function) -> None:
        """As many as there are parameters, and of their kinds."""
        parameters = function.parameters[1 if function.owner is not None else 0 :]
        kinds = {name: kind_named(kind, function.module) for name, kind in parameters}
        self.handed_on(node, given, kinds, called(ast.unparse(node.func), function))

    def fields(self, node: ast.Call, given: Sequence[ValueKind], cls: Class) -> None:
        kinds = {name: kind_named(kind, cls.module) for name, kind in cls.fields.items()}
        self.handed_on(node, given, kinds, f"`{cls.name}({', '.join(kinds)})`")

    def handed_on(
        self, node: ast.Call, given: Sequence[ValueKind], wanted: Names, remedy: str
    ) -> None:
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            return
        text = ast.unparse(node)
        if len(given) != len(wanted):
            count = f"{len(wanted)} argument{'' if len(wanted) == 1 else 's'}"
            self.note(node, f"`{text}`: {len(given)} given for {count}; write {remedy}")
            return
        for argument, kind, (name, expected) in zip(node.args, given, wanted.items(), strict=True):
            if not are_alike(kind, expected):
                said = f"`{ast.unparse(argument)}` is {in_words(kind)}, and `{name}` is to be"
                self.note(argument, f"`{text}`: {said} {in_words(expected)}; write {remedy}")


def called(text: str, function: Function) -> str:
    """A call of a function with its parameters' names for arguments."""
    parameters = function.parameters[1 if function.owner is not None else 0 :]
    return f"`{text}({', '.join(name for name, _ in parameters)})`"


def spelt_out(left: ast.expr, right: ast.expr, operator: ast.cmpop) -> str:
    """`in` one of some values, by comparisons."""
    values = right.elts if isinstance(right, ast.Tuple) else [ast.Name("…")]
    name = left if isinstance(left, ast.Name) else ast.Name("v")
    sign, word = ("==", " or ") if isinstance(operator, ast.In) else ("!=", " and ")
    return f"`{word.join(f'{ast.unparse(name)} {sign} {ast.unparse(v)}' for v in values)}`"
