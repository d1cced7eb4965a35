"""How far a spec got before an assumption was false, and so for which other packets it is false.

A spec of several packets is run on many choices of them. If it ends at a statement before which,
and in which, only the first packets are named, it ends there whatever the others are.
"""

from __future__ import annotations

import ast

from verify.cases import Parameters, Spec
from verify.source import Module


class Steps:
    """The statements of a spec, and how many packets are named up to the end of each."""

    def __init__(self, spec: Spec, parameters: Parameters, module: Module) -> None:
        self.packets = parameters.packets
        self.code = spec.__code__
        self.named: list[tuple[int, int]] = []
        """Last line of a statement, and the number of packets."""
        written = module.functions.get(spec.__name__)
        if written is None or self.code.co_firstlineno not in lines_of(written.node):
            return  # a decorator has put something else in its place
        node = written.node
        names = [argument.arg for argument in node.args.args[1:]]
        number = {name: at for name, (_, at) in zip(names, parameters.plan, strict=False)}
        packets = 1
        for statement in node.body:
            found = (number.get(n.id, 0) for n in ast.walk(statement) if isinstance(n, ast.Name))
            packets = max(packets, 1 + max(found, default=0))
            self.named.append((statement.end_lineno or statement.lineno, packets))

    def packets_named(self, error: BaseException) -> int:
        """The number of packets that are named up to the statement which an exception left."""
        traceback = error.__traceback__
        while traceback is not None and traceback.tb_frame.f_code is not self.code:
            traceback = traceback.tb_next
        if traceback is not None:
            for last_line, packets in self.named:
                if traceback.tb_lineno <= last_line:
                    return packets
        return self.packets


def lines_of(node: ast.FunctionDef | ast.ClassDef) -> range:
    """The lines of a function or class, its decorators' included."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return range(first, (node.end_lineno or node.lineno) + 1)
