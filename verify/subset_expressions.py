"""The verified subset: expressions, as code, contracts and specs may have them."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from dataclasses import replace

from verify.source import Class, Function
from verify.subset_walk import Scope, Walk, is_small
from verify.subset_words import (
    ARITY,
    HOME_OF,
    OF_PROOFS,
    OF_TUPLES,
    ORDERS,
    QUANTIFIERS,
    SOFT,
    Kind,
)


class Expressions(Walk):
    """Checks expressions. What has no value yet, or no meaning, is refused with the rest."""

    def expression(self, node: ast.expr, scope: Scope) -> None:
        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int(value)):
                self.check_size(node, value, is_bounded=scope.is_native)
            case ast.Name():
                self.name(node, scope)
            case ast.Attribute():
                self.attribute(node, scope)
            case ast.Subscript():
                self.element(node, scope)
                if not self.is_whole(node):
                    text = ast.unparse(node)
                    self.note(node, f"`{text}` as a number", f"`int({text})`: NumPy's wrap around")
            case ast.Call():
                self.call(node, scope)
            case ast.Compare(left=left, ops=operators, comparators=rights):
                in_views = () if scope.is_native else (ast.In, ast.NotIn)
                if not all(isinstance(operator, (*ORDERS, *in_views)) for operator in operators):
                    self.note(node, f"`{ast.unparse(node)}`", "`==`, `!=`, `<`, `<=`, `>` or `>=`")
                for operand in (left, *rights):
                    self.operand(operand, scope)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                self.power(node, left, right, scope)
            case ast.BinOp(left=left, op=operator, right=right) if isinstance(
                operator, self.operators
            ):
                self.each([left, right], scope)
            case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert(), operand=operand):
                self.expression(operand, scope)
            case ast.BoolOp(values=parts) | ast.Tuple(elts=parts):
                self.each(parts, scope)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.each([test, body, orelse], scope)
            case ast.Dict(keys=keys, values=values) if not scope.is_native:
                self.each([key for key in keys if key is not None], scope)
                self.each(values, scope)
            case ast.DictComp(key=key, value=value, generators=generators) if not scope.is_native:
                self.comprehension(generators, [key, value], scope, keeps_keys=True)
            case _:
                self.refuse(node)

    def power(self, node: ast.expr, left: ast.expr, right: ast.expr, scope: Scope) -> None:
        match left:
            case ast.Constant(value=int(base)) if is_small(right):
                power = base ** self.module.constant(right)
                self.check_size(node, power, is_bounded=scope.is_native)
            case _:
                self.note(node, f"`{ast.unparse(node)}`", "numbers on both sides, as in `2**16`")

    def each(self, nodes: Sequence[ast.expr], scope: Scope) -> None:
        for node in nodes:
            self.expression(node, scope)

    def operand(self, node: ast.expr, scope: Scope) -> None:
        """Where an element of an array needs no `int`: it is compared, or an object."""
        if isinstance(node, ast.Subscript):
            self.element(node, scope)
        else:
            self.expression(node, scope)

    def is_whole(self, node: ast.Subscript) -> bool:
        """Whether this element is an integer without bounds: of a view, or where nothing runs."""
        is_of_view = isinstance(node.value, ast.Attribute) and node.value.attr == "entries"
        return is_of_view or self.kind is Kind.PROOF

    def element(self, node: ast.Subscript, scope: Scope) -> None:
        if isinstance(node.value, ast.Subscript):
            self.note(node, f"`{ast.unparse(node)}`", "one index for an array")
        else:
            self.expression(node.value, scope)
        self.expression(node.slice, scope)

    def name(self, node: ast.Name, scope: Scope) -> None:
        if node.id == "OLD":
            self.note(node, "`OLD` alone", "`OLD.entries`: the view is all that is known of it")
        elif node.id not in scope.names and not isinstance(self.meaning(node.id), int):
            near = difflib.get_close_matches(node.id, scope.names, 1)
            what = f"`{near[0]}`, or " if near else ""
            self.note(
                node,
                f"`{node.id}`, which may have no value here",
                f"{what}what gives it one before",
            )

    def bind(self, node: ast.AST, name: str, scope: Scope) -> None:
        if name in self.top:
            self.note(node, f"`{name}`, a name of this module, for a variable", "another name")
        elif name in scope.turning:
            self.note(node, f"`{name}`, the variable of a loop, assigned", "another variable")
        else:
            self.check_name(node, name)
        scope.names.add(name)

    def attribute(self, node: ast.Attribute, scope: Scope) -> None:
        of_self = isinstance(node.value, ast.Name) and node.value.id == "self"
        is_private = node.attr.startswith("_") and not of_self
        if is_private or node.attr.startswith("__") or node.attr in OF_TUPLES:
            self.note(node, f"`{ast.unparse(node)}`", "public fields and methods only")
        if node.attr == "entries" and scope.is_native:
            self.note(node, f"the view `{ast.unparse(node)}` in code", "the structure's methods")
        if node.attr == "entries" and ast.unparse(node.value) == "OLD" and "OLD" in scope.names:
            return
        if isinstance(node.value, ast.Name) and node.value.id not in scope.names:
            found = self.meaning(node.value.id)
            if isinstance(found, Class) and found.is_enumeration:
                if node.attr not in found.members:
                    near = difflib.get_close_matches(node.attr, found.members, 1)
                    names = [f"`{found.name}.{name}`" for name in near or found.members]
                    what = f"`{ast.unparse(node)}`, which {found.name} does not have"
                    self.note(node, what, " or ".join(names) or "one that it has")
                return
        self.operand(node.value, scope)

    def call(self, node: ast.Call, scope: Scope) -> None:
        if node.keywords:
            self.note(node, f"`{ast.unparse(node)}` with arguments by name", "them by position")
        match node.func:
            case ast.Name(id=name) if name in QUANTIFIERS:
                self.quantifier(node, name, scope)
                return
            case ast.Name(id=("int" | "bool") as name) if name == "int" or self.kind is Kind.PROOF:
                self.arity(node, name)
                for argument in node.args:
                    self.operand(argument, scope)
                return
            case ast.Name(id=name):
                self.function_name(node, name, scope)
            case ast.Attribute():
                self.attribute(node.func, scope)
            case _:
                self.note(node, f"`{ast.unparse(node)}`", "a call of a function by its name")
        self.each(node.args, scope)

    def function_name(self, node: ast.Call, name: str, scope: Scope) -> None:
        found = self.meaning(name)
        is_enumeration = isinstance(found, Class) and found.is_enumeration
        is_known = self.is_genuine(name) and (name not in OF_PROOFS or self.kind is Kind.PROOF)
        if name in ARITY and is_known:
            self.arity(node, name)
            if name.startswith("store") and scope.is_contract:
                self.note(node, f"`{ast.unparse(node)}` in a contract", "what only looks")
            if name == "expected" and (scope.is_contract or scope.structure is None):
                what = "it in a method of a structure, where nothing depends on it"
                self.note(node, f"`{ast.unparse(node)}` here", what)
        elif not isinstance(found, Class | Function) or (
            name in HOME_OF.keys() - SOFT - {"Packet"} or (name in SOFT and self.is_genuine(name))
        ):
            self.note(
                node, f"`{name}`, which is not known here", "what libvig or this file defines"
            )
        elif is_enumeration:
            self.note(node, f"`{ast.unparse(node)}`", f"a member: `{name}.NAME`")
        elif scope.is_native and isinstance(found, Function) and not found.is_marked("compiled"):
            self.note(node, f"`{name}`, which is not compiled", f"`@compiled` above `{name}`")

    def arity(self, node: ast.Call, name: str) -> None:
        if len(node.args) != ARITY[name]:
            self.note(node, f"`{ast.unparse(node)}`", f"`{name}` with {ARITY[name]} arguments")

    def quantifier(self, node: ast.Call, name: str, scope: Scope) -> None:
        if scope.is_native:
            self.note(node, f"`{name}` in compiled code", "a loop; contracts and specs may have it")
            return
        if not self.is_genuine(name):
            self.note(node, f"`{name}`, which is not known here", f"an import from {HOME_OF[name]}")
        if self.is_proved_by_laws and name == "any":
            self.note(node, f"`{ast.unparse(node)}`", "`all(…)`, or which one it is")
        if self.is_proved_by_laws and scope.is_quantified:
            self.note(node, f"`{name}` inside of `all`", "one `all` with two `for`")
        scope = replace(scope, is_quantified=True)
        match node.args:
            case [ast.GeneratorExp(elt=element, generators=generators)]:
                self.comprehension(generators, [element], scope)
            case [
                ast.Call(func=ast.Attribute(value=view, attr="values"), args=[], keywords=[])
            ] if name == "all_different":
                self.expression(view, scope)
            case _:
                self.note(node, f"`{ast.unparse(node)}`", f"`{name}(… for … in …)`")

    def comprehension(
        self,
        generators: Sequence[ast.comprehension],
        elements: Sequence[ast.expr],
        scope: Scope,
        *,
        keeps_keys: bool = False,
    ) -> None:
        inner = replace(scope.copy(), turning=frozenset())
        bound: list[str] = []
        for generator in generators:
            self.iterated(generator, inner, keeps_keys=keeps_keys)
            names = [part.id for part in ast.walk(generator.target) if isinstance(part, ast.Name)]
            for name in names:
                self.bind(generator.target, name, inner)
            bound += names
            self.each(generator.ifs, inner)
        if len(set(bound)) < len(bound) or any(generator.is_async for generator in generators):
            self.note(elements[0], "a name bound twice, or `async for`", "different names")
        for element in elements:
            self.expression(element, inner)

    def iterated(self, generator: ast.comprehension, scope: Scope, *, keeps_keys: bool) -> None:
        match generator.iter:
            case ast.Call(func=ast.Name(id="range"), args=[_] | [_, _] as bounds, keywords=[]):
                self.each(bounds, scope)
            case ast.Call(
                func=ast.Attribute(value=view, attr=("items" | "values") as kind),
                args=[],
                keywords=[],
            ):
                self.expression(view, scope)
                if keeps_keys and kind == "values":
                    self.note(
                        view, "a dict comprehension over values", "`for k, v in view.items()`"
                    )
            case view:
                self.expression(view, scope)
