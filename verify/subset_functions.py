"""The verified subset: functions, methods, their decorators and their contracts."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from verify.subset_statements import Statements
from verify.subset_words import Kind, Scope, is_marked


class Functions(Statements):
    """Checks functions and methods."""

    def function(self, node: ast.FunctionDef, owner: ast.ClassDef | None) -> None:
        names = self.parameters(node.args, node)
        if owner is not None and (names[:1] != ["self"] or node.args.args[0].annotation):
            self.note(node, f"method `{node.name}` without `self`", "`self` first, unannotated")
        for argument in node.args.args[1 if owner is not None else 0 :]:
            self.annotation(argument.annotation, argument)
        is_procedure = isinstance(node.returns, ast.Constant) and node.returns.value is None
        if not is_procedure:
            self.annotation(node.returns, node)
        self.function_decorators(node, owner, names)
        marked = owner or node
        is_native = is_marked(marked, "compiled" if owner is None else "compiled_class")
        scope = Scope(set(names), is_native and self.kind is Kind.CODE)
        if is_marked(node, "spec"):
            self.spec(node, is_procedure=is_procedure)
        self.returns(node, is_procedure=is_procedure)
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        if self.block(body, scope) and not is_procedure:
            self.note(node, f"a way through `{node.name}` without `return`", "one on every way")

    def returns(self, node: ast.FunctionDef, *, is_procedure: bool) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Return) and (part.value is None) != is_procedure:
                what = "a bare `return`" if part.value is None else "`return` of a value"
                kind = "None" if is_procedure else "a value"
                self.note(part, f"{what} in a function annotated with {kind}", "what it says")

    def parameters(self, arguments: ast.arguments, node: ast.AST) -> list[str]:
        special = [arguments.vararg, arguments.kwarg, *arguments.posonlyargs, *arguments.kwonlyargs]
        if any(special) or arguments.defaults or arguments.kw_defaults:
            self.note(node, "a default, `*`, `/` or `**` among parameters", "plain parameters")
        names = [argument.arg for argument in arguments.args]
        for name in names:
            is_contract = isinstance(node, ast.Lambda)
            if name in ("result", "OLD", "_ARGS", "_KWARGS") and not is_contract:
                self.note(node, f"`{name}` as a parameter", "another: contracts mean theirs by it")
            elif name in self.top:
                self.note(node, f"`{name}`, a name of this module, as a parameter", "another name")
            elif name != "OLD":
                self.check_name(node, name)
        return names

    def function_decorators(
        self, node: ast.FunctionDef, owner: ast.ClassDef | None, names: Sequence[str]
    ) -> None:
        contracts = {"require": [*names], "ensure": [*names, "result"]}
        if is_marked(node, "property") and owner is not None:
            if names != ["self"]:
                self.note(node, "a property with parameters", "a method")
            self.decorators(node, {"property"}, {})
        elif owner is not None:
            if node.name == "process":
                del contracts["ensure"]
                self.process_requires(node)
            self.decorators(node, set(), contracts)
        elif self.kind is Kind.PROOF:
            self.loop_invariant(node)
        elif is_marked(node, "spec"):
            self.decorators(node, {"spec"}, {})
        else:
            self.decorators(node, {"compiled"} if self.kind is Kind.CODE else set(), contracts)

    def decorators(
        self,
        node: ast.FunctionDef | ast.ClassDef,
        plain: set[str],
        contracts: dict[str, list[str]],
    ) -> None:
        for decorator in node.decorator_list:
            match decorator:
                case ast.Name(id=name) if name in plain and self.is_genuine(name):
                    pass
                case (
                    ast.Call(func=ast.Name(id=name), args=[ast.Lambda() as condition], keywords=[])
                    | ast.Call(
                        func=ast.Name(id=name),
                        args=[ast.Lambda() as condition, ast.Constant(value=str())],
                        keywords=[],
                    )
                ) if name in contracts and self.is_genuine(name):
                    self.contract(condition, contracts[name])
                case _:
                    may = [*(f"`@{n}`" for n in plain), *(f"`@{n}(lambda …)`" for n in contracts)]
                    what = " or ".join(may) or "it without"
                    self.note(decorator, f"the decorator `@{ast.unparse(decorator)}`", what)

    def contract(self, condition: ast.Lambda, known: list[str]) -> None:
        names = self.parameters(condition.args, condition)
        for name in names:
            if name not in known:
                self.note(condition, f"`{name}` in a contract", f"only {', '.join(known)}")
        self.expression(condition.body, Scope(set(names), is_contract=True))

    def process_requires(self, node: ast.FunctionDef) -> None:
        """What `process` asks of the state alone is proved by nobody: that is an invariant."""
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Name(id="require"), args=[ast.Lambda() as condition, *_]):
                    names = {argument.arg for argument in condition.args.args}
                    of_state = "self" in names and not _only_of_config(condition.body)
                    if of_state and ("now" not in names or "packet" in names):
                        what = "an `@invariant`, or speak of self.config, packet and now only"
                        self.note(condition, "a `@require` of process on state", what)

    def loop_invariant(self, node: ast.FunctionDef) -> None:
        match node.decorator_list, node.body:
            case [ast.Call(func=ast.Name(id="loop"), args=[ast.Name()], keywords=[])], [
                *_,
                ast.Return(),
            ] if self.is_genuine("loop") and len(node.body) <= 2:
                pass
            case _:
                self.note(node, f"`{node.name}` in a proof", "`@loop(function)` and one `return`")

    def spec(self, node: ast.FunctionDef, *, is_procedure: bool) -> None:
        parts = list(ast.walk(node))
        if not is_procedure:
            self.note(node, f"spec `{node.name}` with a result", "`-> None`, and `assert`")
        if not any(isinstance(part, ast.Assert) for part in parts):
            self.note(node, f"spec `{node.name}` without `assert`", "what it claims")
        if not any(isinstance(part, ast.Attribute) and part.attr == "process" for part in parts):
            self.note(node, f"spec `{node.name}` without a packet", "`nf.process(packet, now)`")


def _only_of_config(body: ast.expr) -> bool:
    """Whether `self` occurs as `self.config` only."""
    of_self = [part for part in ast.walk(body) if isinstance(part, ast.Name) and part.id == "self"]
    of_config = [
        part
        for part in ast.walk(body)
        if isinstance(part, ast.Attribute) and part.attr == "config"
        if isinstance(part.value, ast.Name) and part.value.id == "self"
    ]
    return len(of_self) == len(of_config)
