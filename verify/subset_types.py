"""Mistakes that the text alone shows: names that nothing has, and values of another type.

Neither execution nor the solver is asked, so whoever wrote it hears of it at once. What is not
certain is left to the symbolic execution.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from verify.kinds import ARRAYS, ValueKind, ViewOf, are_alike, either, in_words, kind_named
from verify.source import Class, Contract, Function, Module
from verify.subset_operations import Mistake, Names, Operations, called


def mistakes(module: Module) -> list[Mistake]:
    """Those in a module, in the order of its lines."""
    walk = Types(module)
    walk.definitions()
    return sorted(walk.found, key=lambda mistake: mistake.site.line)


@dataclass
class Types(Operations):
    """A walk over a module: each expression's kind, and the mistakes met on the way."""

    # ------------------------------------------------------------ definitions

    def definitions(self) -> None:
        for function in self.module.functions.values():
            self.function(function)
        for cls in self.module.classes.values():
            for contract in cls.invariants:
                self.contract(contract, {"self": cls})
            for method in cls.methods.values():
                self.function(method)

    def function(self, function: Function) -> None:
        names = {name: kind_named(kind, self.module) for name, kind in function.parameters}
        if function.owner is not None:
            names["self"] = function.owner
        result = kind_named(function.node.returns, self.module)
        for contract in function.requires:
            self.contract(contract, names)
        for contract in function.ensures:
            self.contract(contract, {**names, "result": result})
        self.block(function.body, dict(names), result)

    def contract(self, contract: Contract, names: Names) -> None:
        self.condition(contract.condition.body, {n: names.get(n) for n in contract.names})

    # ------------------------------------------------------------ statements

    def block(self, statements: Sequence[ast.stmt], names: Names, result: ValueKind) -> None:
        """The names gain what the statements bind."""
        for statement in statements:
            self.statement(statement, names, result)

    def statement(self, node: ast.stmt, names: Names, result: ValueKind) -> None:
        match node:
            case ast.Expr(value=value):
                self.kind(value, names)
            case ast.Return(value=ast.expr() as value):
                given = self.kind(value, names)
                if not are_alike(given, result):
                    text = ast.unparse(value)
                    wanted = in_words(result)
                    self.note(node, f"`{text}` is {in_words(given)}; this function gives {wanted}")
            case ast.Assign(targets=[target], value=value):
                self.bind(target, self.kind(value, names), names)
            case ast.AnnAssign(target=target, annotation=annotation, value=ast.expr() as value):
                self.kind(value, names)
                self.bind(target, kind_named(annotation, self.module), names)
            case ast.AugAssign(target=target, op=op, value=value):
                read = ast.copy_location(ast.parse(ast.unparse(target), mode="eval").body, node)
                whole = ast.copy_location(ast.BinOp(read, op, value), node)
                self.bind(target, self.operation(whole, names), names)
            case ast.If(test=test, body=body, orelse=orelse):
                self.condition(test, names)
                ways = [dict(names), dict(names)]
                for way, branch in zip(ways, (body, orelse), strict=True):
                    self.block(branch, way, result)
                self.join(names, *ways)
            case ast.For(target=target, iter=over, body=body):
                self.kind(over, names)
                turn = dict(names)
                self.bind(target, "int", turn)
                self.block(body, turn, result)
                self.join(names, turn, dict(names))
            case ast.Assert(test=test):
                self.condition(test, names)

    def bind(self, target: ast.expr, kind: ValueKind, names: Names) -> None:
        match target:
            case ast.Name(id=name):
                names[name] = kind
            case ast.Tuple(elts=parts):
                known = isinstance(kind, tuple) and len(kind) == len(parts)
                if kind is not None and not known:
                    wrong = f"`{ast.unparse(target)}` cannot be {in_words(kind)}"
                    remedy = "give it one name, and take from that what it has"
                    self.note(target, f"{wrong}, which is not taken apart here; {remedy}")
                for at, part in enumerate(parts):
                    self.bind(part, kind[at] if known and isinstance(kind, tuple) else None, names)
            case _:
                self.kind(target, names)

    def join(self, names: Names, a: Names, b: Names) -> None:
        """What is known of the names after one way or the other."""
        names.update({name: either(a.get(name), b.get(name)) for name in {*a, *b}})

    # ------------------------------------------------------------ expressions

    def kind(self, node: ast.expr, names: Names) -> ValueKind:
        """What an expression stands for, and the mistakes in it."""
        match node:
            case ast.Constant(value=bool()):
                return "bool"
            case ast.Constant(value=int()):
                return "int"
            case ast.Name(id=name):
                if name in names:
                    return names[name]
                return "int" if isinstance(self.meaning(name), int) else None
            case ast.Attribute(value=value, attr=attr):
                return self.attribute(node, value, attr, names)
            case ast.Subscript(value=value, slice=index):
                return self.element(node, self.kind(value, names), index, names)
            case ast.Call():
                return self.call(node, names)
            case ast.Compare():
                return self.comparison(node, names)
            case ast.BoolOp(values=parts):
                for part in parts:
                    self.condition(part, names)
                return "bool"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.condition(operand, names)
                return "bool"
            case ast.UnaryOp(operand=operand):
                self.wanted(operand, names, "int", "")
                return "int"
            case ast.BinOp():
                return self.operation(node, names)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.condition(test, names)
                return either(self.kind(body, names), self.kind(orelse, names))
            case ast.Tuple(elts=parts):
                return tuple(self.kind(part, names) for part in parts)
            case ast.Dict(values=values):
                kinds = [self.kind(value, names) for value in values]
                return ViewOf(kinds[0] if len(kinds) == 1 else None)
            case ast.DictComp(key=key, value=value, generators=generators):
                inner = self.generated(generators, names)
                self.wanted(key, inner, "int", "")
                return ViewOf(self.kind(value, inner))
        return None

    def attribute(self, node: ast.expr, value: ast.expr, name: str, names: Names) -> ValueKind:
        """A field, a property, a view, or a member of an enumeration."""
        if isinstance(value, ast.Name) and value.id not in names:
            found = self.meaning(value.id)
            if isinstance(found, Class) and found.is_enumeration:
                if name in found.members:
                    return "int"
                self.unknown(node, found.name, name, found.members)
                return None
        owner = self.kind(value, names)
        if not isinstance(owner, Class):
            if owner is not None:
                self.note(node, f"`{ast.unparse(value)}` is {in_words(owner)}, without `{name}`")
            return None
        if name in owner.fields:
            return kind_named(owner.fields[name], owner.module)
        method = owner.methods.get(name)
        if method is None:
            self.unknown(node, owner.name, name, {*owner.fields, *owner.methods})
            return None
        if not method.is_marked("property") and not method.is_marked("view"):
            text = ast.unparse(node)
            self.note(node, f"`{text}` is a method; write {called(text, method)}")
            return None
        return kind_named(method.node.returns, owner.module)

    def element(self, node: ast.expr, owner: ValueKind, index: ast.expr, names: Names) -> ValueKind:
        if not isinstance(index, ast.Slice):
            self.wanted(index, names, "int", "")
        match owner:
            case ViewOf(value=value):
                return value
            case tuple():
                at = index.value if isinstance(index, ast.Constant) else None
                return owner[at] if isinstance(at, int) and 0 <= at < len(owner) else None
            case None:
                return None
            case str() if owner in ARRAYS:
                return "int"
        self.note(node, f"`{ast.unparse(node)}`: {in_words(owner)} cannot be indexed")
        return None

    def generated(self, generators: Sequence[ast.comprehension], names: Names) -> Names:
        """The names inside of a comprehension."""
        inner = dict(names)
        for generator in generators:
            match generator.iter:
                case ast.Call(func=ast.Attribute(value=view, attr="items" | "values" as word)):
                    over = self.kind(view, inner)
                    value = over.value if isinstance(over, ViewOf) else None
                    self.bind(generator.target, ("int", value) if word == "items" else value, inner)
                case keys:
                    self.kind(keys, inner)
                    self.bind(generator.target, "int", inner)
            for condition in generator.ifs:
                self.condition(condition, inner)
        return inner
