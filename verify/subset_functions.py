"""The verified subset: functions, methods, their decorators and their contracts."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from verify.source import Class
from verify.subset_arrays import type_named
from verify.subset_structures import Structures
from verify.subset_walk import Scope, is_marked
from verify.subset_words import HOME_OF, Kind


class Functions(Structures):
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
        scope = self.function_scope(node, owner, names)
        if self.kind is Kind.LIBRARY:
            self.result(node, scope)
        if self.structure_of(owner) is not None:
            self.method_of_structure(node)
        if is_marked(node, "spec"):
            self.spec(node, is_procedure=is_procedure)
        self.returns(node, is_procedure=is_procedure)
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        if self.block(body, scope) and not is_procedure:
            self.note(node, f"a way through `{node.name}` without `return`", "one on every way")

    def function_scope(
        self, node: ast.FunctionDef, owner: ast.ClassDef | None, names: Sequence[str]
    ) -> Scope:
        is_marked_native = is_marked(owner or node, "compiled_class" if owner else "compiled")
        is_native = is_marked_native and self.is_compiled
        returned = type_named(node.returns, self.module)
        own = Class(owner, self.module) if owner is not None else None
        types = {a.arg: type_named(a.annotation, self.module) for a in node.args.args}
        structure = self.structure_of(owner)
        is_view = structure is not None and is_marked(node, "view")
        return Scope(
            set(names),
            is_native and not is_view,
            is_contract=is_view or (structure is not None and is_marked(node, "property")),
            builds=owner is None and not is_native and isinstance(returned, Class),
            structure=structure,
            given=frozenset(names),
            types={**types, "self": own} if own is not None else types,
        )

    def result(self, node: ast.FunctionDef, scope: Scope) -> None:
        """Arrays are not handed out: they would have a second name. New structures are."""
        parts = ast.walk(node.returns) if node.returns is not None else ()
        kinds = [type_named(part, self.module) for part in parts if isinstance(part, ast.expr)]
        if "array" in kinds:
            self.note(node, f"an array as a result of `{node.name}`", "what is in it")
        if scope.structure is None and any(isinstance(k, Class) and k.view for k in kinds):
            self.constructor(node)

    def returns(self, node: ast.FunctionDef, *, is_procedure: bool) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Return) and (part.value is None) != is_procedure:
                what = "a bare `return`" if part.value is None else "`return` of a value"
                kind = "None" if is_procedure else "a value"
                self.note(part, f"{what} in a function annotated with {kind}", "what it says")

    def parameters(
        self, arguments: ast.arguments, node: ast.AST, known: Collection[str] = ()
    ) -> list[str]:
        special = [arguments.vararg, arguments.kwarg, *arguments.posonlyargs, *arguments.kwonlyargs]
        if any(special) or arguments.defaults or arguments.kw_defaults:
            self.note(node, "a default, `*`, `/` or `**` among parameters", "plain parameters")
        names = [argument.arg for argument in arguments.args]
        for name in names:
            is_contract = isinstance(node, ast.Lambda)
            if name in known:
                continue
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
        if self.structure_of(owner) is not None:
            contracts["ensure"].append("OLD")
        word = "view" if is_marked(node, "view") and self.kind is Kind.LIBRARY else "property"
        if is_marked(node, word) and owner is not None:
            if names != ["self"]:
                self.note(node, f"a {word} with parameters", "a method")
            self.decorators(node, {word}, {})
        elif owner is not None:
            if node.name == "process":
                del contracts["ensure"]
                self.process_requires(node)
            self.decorators(node, set(), contracts)
        elif is_marked(node, "spec"):
            self.decorators(node, {"spec"}, {})
        else:
            self.decorators(node, {"compiled"} if self.is_compiled else set(), contracts)

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
                case ast.Call(func=ast.Name(id="in_rows"), args=paths, keywords=[]) if (
                    self.kind in (Kind.LIBRARY, Kind.CODE)
                    and self.is_genuine("in_rows")
                    and self.lays_out(node, paths)
                ):
                    pass  # where arrays lie in memory is nothing that it is proved by
                case _:
                    may = [*(f"`@{n}`" for n in plain), *(f"`@{n}(lambda …)`" for n in contracts)]
                    missing = self._import_of(decorator, {*plain, *contracts})
                    what = missing or " or ".join(may) or "it without"
                    self.note(decorator, f"the decorator `@{ast.unparse(decorator)}`", what)

    def lays_out(self, node: ast.FunctionDef | ast.ClassDef, paths: Sequence[ast.expr]) -> bool:
        """Whether `@in_rows` stands above what builds something, and names parts of that.

        It makes copies, so nothing else may know of the arrays yet.
        """
        if not isinstance(node, ast.FunctionDef) or node not in self.module.tree.body:
            return False
        built = type_named(node.returns, self.module)
        return (
            isinstance(built, Class)
            and (built.view is not None or "process" in built.methods)
            and not is_marked(node, "compiled")
            and len(paths) > 0
            and all(
                isinstance(path, ast.Constant) and self.is_part(str(path.value).split("."), built)
                for path in paths
            )
        )

    def is_part(self, path: Sequence[str], owner: Class) -> bool:
        """Whether a path leads to a structure, or in libvig to an array of integers."""
        first, *rest = path
        annotation = owner.fields.get(first)
        part = type_named(annotation, owner.module)
        if isinstance(part, Class):
            inside = self.kind is Kind.LIBRARY and rest
            return self.is_part(rest, part) if inside else part.view is not None and not rest
        is_bytes = annotation is not None and owner.module.alias_name(annotation) == "Bytes"
        return part == "array" and not is_bytes and not rest and self.kind is Kind.LIBRARY

    def _import_of(self, decorator: ast.expr, words: Collection[str]) -> str:
        """The import that a decorator lacks, if it is one of these words and not imported."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.id if isinstance(called, ast.Name) else ""
        home = HOME_OF.get(name)
        is_missing = home is not None and name in words and name not in self.top
        return f"`from {home} import {name}` at the top" if is_missing else ""

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

    def spec(self, node: ast.FunctionDef, *, is_procedure: bool) -> None:
        parts = list(ast.walk(node))
        if not is_procedure:
            self.note(node, f"spec `{node.name}` with a result", "`-> None`, and `assert`")
        if not any(isinstance(part, ast.Assert) for part in parts):
            self.note_lack(node, f"spec `{node.name}` without `assert`", "what it claims")
        if not any(isinstance(part, ast.Attribute) and part.attr == "process" for part in parts):
            self.note_lack(
                node, f"spec `{node.name}` without a packet", "`nf.process(packet, now)`"
            )


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
