"""The verified subset: statements, and which names have a value behind them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from verify.subset_arrays import Arrays
from verify.subset_walk import Scope
from verify.subset_words import Kind


class Statements(Arrays):
    """Checks statements in the order of control."""

    def block(self, statements: Sequence[ast.stmt], scope: Scope) -> bool:
        """Check statements; the scope gains what they bind. Whether control reaches their end."""
        for at, statement in enumerate(statements):
            if not self.statement(statement, scope):
                for rest in statements[at + 1 : at + 2]:
                    self.note(rest, "code that is never reached", "the function without it")
                return False
        return True

    def statement(self, node: ast.stmt, scope: Scope) -> bool:
        """Check a statement. Whether control reaches its end."""
        match node:
            case ast.Pass():
                pass
            case ast.Return(value=value):
                if value is not None:
                    self.expression(value, scope)
                    self.check_result(value, scope)
                return False
            case ast.Expr(value=ast.Call(func=ast.Name(id="assume"))):
                self.assume(node.value, scope)
            case ast.Expr(value=ast.Call() as call):
                self.call(call, scope)
            case ast.Assign() | ast.AnnAssign():
                self.assignment(node, scope)
            case ast.AugAssign():
                self.augmented(node, scope)
            case ast.If():
                return self.fork(node, scope)
            case ast.For():
                self.loop(node, scope)
            case ast.While() if self.is_proved_by_laws:
                self.while_loop(node, scope)
            case ast.Break() | ast.Continue() if self.is_proved_by_laws:
                if not scope.is_in_loop:
                    text = ast.unparse(node)
                    self.note(node, f"`{text}` outside of a loop", "the function without it")
                return False
            case ast.Assert():
                self.claim(node, scope)
            case _:
                self.refuse(node)
        return True

    def assignment(self, node: ast.Assign | ast.AnnAssign, scope: Scope) -> None:
        match node:
            case ast.Assign() if self.fills_part(node, scope):
                pass
            case ast.Assign(targets=[ast.Subscript() as target], value=value):
                self.operand(value, scope)
                self.assign(target, scope)
            case ast.Assign(targets=[target], value=value):
                self.expression(value, scope)
                self.assign(target, scope)
                self.note_name(target, value, scope)
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                self.annotation(node.annotation)
                self.expression(value, scope)
                self.assign(target, scope)
                self.note_name(target, value, scope)
            case _:
                self.refuse(node)

    def fork(self, node: ast.If, scope: Scope) -> bool:
        """Check both branches: behind them, there is what those bind that get there, if any."""
        self.expression(node.test, scope)
        ways = [(branch, scope.copy()) for branch in (node.body, node.orelse)]
        ends = [inner for branch, inner in ways if self.block(branch, inner)]
        if ends:
            scope.names = set.intersection(*(inner.names for inner in ends))
        return bool(ends)

    def claim(self, node: ast.Assert, scope: Scope) -> None:
        if self.kind is not Kind.SPEC:
            self.note(node, "`assert` in code", "`@require`, or a spec")
            return
        match node.msg:
            case None | ast.Constant(value=str()):
                self.expression(node.test, scope)
            case _:
                self.note(node, "a computed text behind `assert`", "a plain one")

    def assume(self, node: ast.expr, scope: Scope) -> None:
        match node:
            case ast.Call(args=[condition], keywords=[]) if self.is_genuine("assume"):
                self.expression(condition, scope)
            case _:
                self.note(node, f"`{ast.unparse(node)}`", "`assume(condition)`, in a spec only")

    def augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        text = ast.unparse(node.target)
        if isinstance(node.target, ast.Attribute):
            self.assign(node.target, scope)
        elif not isinstance(node.target, ast.Name):
            self.note(node, f"`{ast.unparse(node)}`", f"`{text} = int({text}) …`")
        elif isinstance(node.op, ast.BitOr) and not scope.is_native:
            self.note(node, "`|=`, which changes a dict in place", f"`{text} = {text} | …`")
        elif not isinstance(node.op, self.operators):
            self.note(node, f"`{ast.unparse(node)}`", "+, -, *, //, %, <<, >>, & or |")
        else:
            self.name(ast.copy_location(ast.Name(text, ast.Load()), node), scope)
            self.assign(node.target, scope)
        self.expression(node.value, scope)

    def assign(self, target: ast.expr, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                self.bind(target, name, scope)
            case ast.Tuple(elts=[*parts]) if all(isinstance(part, ast.Name) for part in parts):
                for part in parts:
                    self.assign(part, scope)
            case ast.Subscript(value=ast.Name() | ast.Attribute()):
                self.element(target, scope)
            case ast.Attribute():
                advice = "an array or a structure for what changes: NamedTuples do not change"
                self.note(target, f"an assignment to `{ast.unparse(target)}`", advice)
            case _:
                self.note(
                    target, f"an assignment to `{ast.unparse(target)}`", "names, or `a[i] = …`"
                )

    def loop(self, node: ast.For, scope: Scope) -> None:
        match node:
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(
                    func=ast.Name(id="range"), args=[_] | [_, _] | [_, _, _], keywords=[]
                ),
                orelse=[],
            ):
                assert isinstance(node.iter, ast.Call)
                for bound in node.iter.args:
                    self.expression(bound, scope)
                inner = scope.copy()
                if name in scope.names:
                    self.note(node, f"`{name}`, a variable, for a loop", "another name")
                self.bind(node.target, name, inner)
                inner.turning |= {name}
                inner.is_in_loop = True
                self.block(node.body, inner)
            case _:
                self.note(node, "a loop over something else", "`for name in range(…)`, no `else`")

    def while_loop(self, node: ast.While, scope: Scope) -> None:
        if node.orelse:
            self.note(node, "`while` with `else`", "what follows behind the loop")
        self.expression(node.test, scope)
        inner = scope.copy()
        inner.is_in_loop = True
        self.block(node.body, inner)
