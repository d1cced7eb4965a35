"""The verified subset: proof files, in the words of libvig/proof/notation.py.

A proof says what is so, in predicates of one `return`, and what its ghosts are, in steps that
assign to nothing else. It has no other effect: a step that returned early, or called what writes,
would be a part of the code that nobody runs. Lemmas are programs, like any code.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from verify.source import Class
from verify.subset_effects import changes, method_of
from verify.subset_functions import Functions
from verify.subset_structures import NAMES_OF_TUPLES
from verify.subset_targets import Targets, words_above
from verify.subset_walk import Scope, has_contract, only_return
from verify.subset_words import Kind

STEPS = {"after", "initially"}


class ProofFiles(Targets, Functions):
    """Checks the classes and functions of proof files."""

    # ------------------------------------------------------------ classes

    def proof_class(self, node: ast.ClassDef) -> None:
        base = self._argued_about(node)
        if base is None:
            what = "`@about class Name(Structure)`, the structure of the module of this name"
            self.note(node, f"class {node.name} in a proof", what)
            return
        others = [cls for cls in self.module.classes.values() if cls.argues_about(base)]
        if others[0].node is not node:
            self.note(node, f"a second class about {base.name}", f"it in {others[0].name}")
        names: set[str] = set()
        for item in node.body:
            match item:
                case ast.Expr(value=ast.Constant(value=str())):
                    continue
                case ast.AnnAssign(target=ast.Name(id=name), value=None):
                    self._ghost_field(item)
                case ast.FunctionDef(name=name):
                    self.proof_function(item, node)
                case _:
                    text = ast.unparse(item).splitlines()[0]
                    self.note(item, f"`{text}` in a proof", "`ghost: int` or a method")
                    continue
            self._name_of_its_own(item, name, names, base)
            names.add(name)

    def _argued_about(self, node: ast.ClassDef) -> Class | None:
        """The structure that this class, marked as it should be, argues about."""
        match node:
            case ast.ClassDef(
                bases=[ast.Name(id=name)], keywords=[], decorator_list=[ast.Name(id="about")]
            ) if self.is_genuine("about"):
                base = self.module.lookup_type(name)
                is_structure = base is not None and base.view is not None and base.name == name
                if base is not None and is_structure and self.is_of_this_proof(base.module):
                    return base
        return None

    def _ghost_field(self, item: ast.AnnAssign) -> None:
        if ast.unparse(item.annotation) not in ("int", "list[int]"):
            text = ast.unparse(item)
            self.note(item, f"`{text}`", "a ghost that is an `int` or a `list[int]`")

    def _name_of_its_own(self, item: ast.stmt, name: str, names: set[str], base: Class) -> None:
        if name in names:
            self.note(item, f"`{name}` a second time", "a name of its own")
        elif name in (*base.fields, *base.methods):
            self.note(item, f"`{name}`, which {base.name} has", "another name: a proof adds only")
        elif name in NAMES_OF_TUPLES or name.startswith("_"):
            self.note(item, f"`{name}` as a name", "another, without an underscore in front")

    # ------------------------------------------------------------ functions

    def proof_function(self, node: ast.FunctionDef, owner: ast.ClassDef | None) -> None:
        words = words_above(node)
        if owner is None and has_contract(node, "require", "ensure"):
            self._lemma(node)
            return
        self.check_marks(node, owner)
        scope = self._signature(node, owner, words)
        if owner is not None and words & STEPS:
            self._result_is(node, "None")
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            self._step(body, scope, Class(owner, self.module).fields)
            return
        match only_return(node):
            case None:
                self.note(node, f"`{node.name}` of several statements", "one `return`")
            case ast.Call(func=ast.Name(id="range"), args=[_] | [_, _] as bounds, keywords=[]) if (
                not words
            ):
                self._result_is(node, "range")
                self.each(bounds, scope)
            case value:
                if words:
                    self._result_is(node, "int" if "decreases" in words else "bool")
                else:
                    self.annotation(node.returns, node)
                self.expression(value, scope)

    def _result_is(self, node: ast.FunctionDef, kind: str) -> None:
        given = ast.unparse(node.returns) if node.returns is not None else "nothing"
        if given != kind:
            self.note(node, f"`{node.name}`, annotated with {given}", f"`-> {kind}`")

    def _lemma(self, node: ast.FunctionDef) -> None:
        """A theorem whose proof is a program: what it ensures is so, as it can be computed."""
        if not has_contract(node, "ensure"):
            self.note(node, f"lemma `{node.name}` without `@ensure`", "what it claims")
        self.function(node, None)

    def _signature(
        self, node: ast.FunctionDef, owner: ast.ClassDef | None, words: set[str]
    ) -> Scope:
        names = self.parameters(node.args, node, known=self.names_known(words))
        arguments = node.args.args
        if owner is not None and (names[:1] != ["self"] or arguments[0].annotation):
            self.note(node, f"method `{node.name}` without `self`", "`self` first, unannotated")
        for argument in arguments[1:] if owner is not None else arguments:
            self.annotation(argument.annotation, argument)
        scope = self.function_scope(node, owner, names)
        scope.is_contract = True  # nothing that writes
        return scope

    def call(self, node: ast.Call, scope: Scope) -> None:
        if self.kind is Kind.PROOF and scope.is_contract:
            match node.func:
                case ast.Attribute(value=value, attr=name):
                    found = method_of(self.type_of(value, scope), name)
                case _:
                    found = self.target_function(node.func)
            if found is not None and changes(found):
                self.note(
                    node, f"`{ast.unparse(node)}`, which changes something", "what only looks"
                )
        super().call(node, scope)

    # ------------------------------------------------------------ ghost steps

    def _step(
        self, statements: Sequence[ast.stmt], scope: Scope, ghosts: Mapping[str, ast.expr]
    ) -> None:
        for node in statements:
            match node:
                case ast.Pass():
                    pass
                case ast.If(test=test, body=body, orelse=orelse):
                    self.expression(test, scope)
                    ways = [scope.copy(), scope.copy()]
                    for branch, inner in zip((body, orelse), ways, strict=True):
                        self._step(branch, inner, ghosts)
                    scope.names = ways[0].names & ways[1].names
                case ast.Assign(targets=[ast.Name() as target], value=value):
                    self.expression(value, scope)
                    self.assign(target, scope)
                    self.note_name(target, value, scope)
                case ast.Assign(targets=[target], value=value):
                    self._ghost(target, value, scope, ghosts)
                case ast.AugAssign(target=ast.Attribute() | ast.Subscript() as target, op=op):
                    if not isinstance(op, self.operators):
                        self.note(node, f"`{ast.unparse(node)}`", "an operator of integers")
                    self._ghost(target, node.value, scope, ghosts)
                case _:
                    text = ast.unparse(node).splitlines()[0]
                    what = "assignments to ghosts, and `if` around them"
                    self.note(node, f"`{text}` in a ghost step", what)

    def _ghost(
        self, target: ast.expr, value: ast.expr, scope: Scope, ghosts: Mapping[str, ast.expr]
    ) -> None:
        """An assignment to a ghost field, or to an element of one."""
        match target:
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if name in ghosts:
                if ast.unparse(ghosts[name]) == "int":
                    self.expression(value, scope)
                else:
                    self._ghost_list(value, scope)
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id="self"), attr=name), slice=index
            ) if name in ghosts and ast.unparse(ghosts[name]) == "list[int]":
                self.expression(index, scope)
                self.expression(value, scope)
            case _:
                text = ast.unparse(target)
                self.note(target, f"an assignment to `{text}` in a ghost step", "ghosts only")

    def _ghost_list(self, value: ast.expr, scope: Scope) -> None:
        match value:
            case ast.ListComp(
                elt=element,
                generators=[
                    ast.comprehension(
                        iter=ast.Call(func=ast.Name(id="range"), args=[_], keywords=[]), ifs=[]
                    )
                ],
            ):
                self.comprehension(value.generators, [element], scope)
            case ast.Call(
                func=ast.Name(id="list"),
                args=[ast.Call(func=ast.Name(id="range"), args=[_] | [_, _] as bounds)],
                keywords=[],
            ) if "list" not in self.top | scope.names:
                self.each(bounds, scope)
            case _:
                text = ast.unparse(value)
                self.note(value, f"`{text}` as a ghost list", "`[… for name in range(n)]`")
