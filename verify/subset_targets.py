"""The verified subset: what the marks of a proof file stand on, and what they speak of."""

from __future__ import annotations

import ast
from collections.abc import Collection

from verify.source import Function, Module
from verify.subset_walk import Walk

PREDICATES = {"always", "loop"}


class Targets(Walk):
    """Checks the marks above the functions of proof files."""

    def is_of_this_proof(self, module: Module) -> bool:
        """Whether this is where the proof of the module is looked for."""
        last = module.name.rpartition(".")[2]
        return module is self.module or last == self.module.name.rpartition(".")[2]

    def names_known(self, words: set[str]) -> Collection[str]:
        """Names of contracts that may be parameters here."""
        if words & {"loop", "decreases"}:
            return ("OLD", "result")
        return ("result",) if "after" in words else ()

    def check_marks(self, node: ast.FunctionDef, owner: ast.ClassDef | None) -> None:
        words = words_above(node)
        if len(words) > 1 and words != PREDICATES:
            mixed = " and ".join(f"`@{word}`" for word in sorted(words))
            self.note(node, f"{mixed} above one function", "a function for each")
        for mark in node.decorator_list:
            match mark:
                case ast.Name(id="always") if owner is not None and self.is_genuine("always"):
                    if len(node.args.args) > 1:
                        self.note(node, f"`{node.name}` with parameters", "`self` only: it lasts")
                case ast.Call(
                    func=ast.Name(id=word),
                    args=[target] | [target, ast.Constant(value=int())],
                    keywords=[],
                ) if self._may_stand(word, mark, owner) and self.is_genuine(word):
                    self._target(node, mark, word, target)
                case _:
                    text = ast.unparse(mark)
                    self.note(mark, f"the decorator `@{text}`", "a word of the notation")

    def _may_stand(self, word: str, mark: ast.Call, owner: ast.ClassDef | None) -> bool:
        if word in ("after", "initially"):
            return owner is not None and len(mark.args) == 1
        return word in ("loop", "decreases")

    def _target(self, node: ast.FunctionDef, mark: ast.Call, word: str, target: ast.expr) -> None:
        function, text = self.target_function(target), ast.unparse(target)
        if function is None or not self.is_of_this_proof(function.module):
            what = "a function or method of the module that this file is named after"
            self.note(mark, f"`{text}` in `@{word}`", what)
        elif function.qualified_name != text:
            self.note(mark, f"`{text}` in `@{word}`", f"`{function.qualified_name}`")
        elif word in ("loop", "decreases"):
            self._loop(node, mark, function)
        else:
            self._step_of(node, mark, word, function)

    def _loop(self, node: ast.FunctionDef, mark: ast.Call, function: Function) -> None:
        loops = [n for n in ast.walk(function.node) if isinstance(n, ast.For | ast.While)]
        number = self.module.constant(mark.args[1]) if len(mark.args) > 1 else 0
        if not 0 <= number < len(loops):
            what = f"0 to {len(loops) - 1}" if loops else "a function that has a loop"
            self.note(mark, f"loop {number} of `{function.qualified_name}`", what)
        known = {name for name, _ in function.parameters} | {"self", "OLD", "result"}
        known |= {n.id for n in ast.walk(function.node) if isinstance(n, ast.Name)}
        for argument in node.args.args:
            if argument.arg not in known:
                what = f"a local name of `{function.qualified_name}`"
                self.note(argument, f"`{argument.arg}` in `@{word_of(mark)}`", what)

    def _step_of(self, node: ast.FunctionDef, mark: ast.Call, word: str, target: Function) -> None:
        is_method = target.owner is not None
        if is_method != (word == "after") or _is_looked_at(target):
            what = "a method" if word == "after" else "the function that builds the structure"
            self.note(mark, f"`{target.qualified_name}` in `@{word}`", what)
        known = {name for name, _ in target.parameters} | ({"result"} if is_method else set())
        for argument in node.args.args:
            if argument.arg not in known | {"self"}:
                what = f"a parameter of `{target.qualified_name}`"
                self.note(argument, f"`{argument.arg}` in a ghost step", what)

    def target_function(self, node: ast.expr) -> Function | None:
        """The function or method that a mark names."""
        match node:
            case ast.Name(id=name):
                found = self.meaning(name)
                return found if isinstance(found, Function) else None
            case ast.Attribute(value=ast.Name(id=name), attr=method):
                cls = self.module.lookup_type(name)
                return cls.methods.get(method) if cls is not None else None
        return None


def word_of(mark: ast.Call) -> str:
    """The word that a mark with a target begins with."""
    return ast.unparse(mark.func)


def words_above(node: ast.FunctionDef) -> set[str]:
    """The words that a function is marked with, without their arguments."""
    called = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return {name.id for name in called if isinstance(name, ast.Name)}


def _is_looked_at(function: Function) -> bool:
    """Whether it is a property or a view, which are read and not called."""
    return function.is_marked("property") or function.is_marked("view")
