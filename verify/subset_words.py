"""What the verified subset is made of, and what to write instead of what lies outside of it."""

from __future__ import annotations

import ast
from enum import Enum

MIN_INT, MAX_INT = -(2**63), 2**63 - 1  # the integers of compiled code


class Kind(Enum):
    """What a module is, which decides what it may say."""

    CODE = "network function"
    LIBRARY = "module of libvig"
    SPEC = "spec"
    PROOF = "proof file"


LOADS_AND_STORES = {f"{kind}{bits}" for kind in ("load", "store") for bits in (8, 16, 32)}
NOTATION = {"about", "always", "after", "initially", "loop", "decreases", "is_power_of_two"}
VOCABULARY = {
    "__future__": {"annotations"},
    "typing": {"NamedTuple"},
    "enum": {"IntEnum"},
    "libvig.compile": {"compiled", "compiled_class"},
    "libvig.contracts": {"require", "ensure", "invariant", "view", "all_different", "count"},
    "libvig.primitives": LOADS_AND_STORES
    | {"select", "expected", "keyed_hash", "multiply_fold", "prefetch"},
    "libvig.hash_key": {"secret_word"},
    "libvig.packet.word_sum": {"word_sum"},
    "libvig.rows": {"in_rows"},
    "libvig.spec": {"spec", "assume", "snapshot"},
    "libvig.proof.notation": NOTATION,
}
"""Modules of which the verifier knows some names by themselves; it does not read their text."""

NATIVE = {"libvig.primitives", "libvig.hash_key"}
"""Of these, the modules whose functions are native by hand; only stores write to anything."""

KINDS_OF = {
    "view": (Kind.LIBRARY,),
    **dict.fromkeys(("select", "in_rows"), (Kind.LIBRARY, Kind.CODE)),
    **dict.fromkeys(
        ("expected", "multiply_fold", "prefetch", "keyed_hash", "secret_word"), (Kind.LIBRARY,)
    ),
    "count": (Kind.PROOF,),
}
"""Names of the vocabulary that not every kind of module may import."""

HOME_OF = {
    **{name: module for module, names in VOCABULARY.items() for name in names},
    **dict.fromkeys(("Bytes", "I32", "I64", "Time"), "libvig.types"),
    "Packet": "libvig.packet.packet",
}
SOFT = NOTATION | {"view", "count", "select"}
"""Names that may mean something else wherever they are not imported: they are common words."""

PYTHON_NAMES = {"all", "any", "bool", "dict", "int", "len", "max", "min", "property", "range"}
PYTHON_NAMES |= {"tuple"}
ARITY = {
    **dict.fromkeys(("len", "int", "snapshot", "all", "any", "all_different"), 1),
    **dict.fromkeys(("min", "max", "multiply_fold", "prefetch", "count"), 2),
    **{name: 2 if name.startswith("load") else 3 for name in LOADS_AND_STORES},
    **dict.fromkeys(("bool", "is_power_of_two", "secret_word"), 1),
    "expected": 0,
    "word_sum": 3,
    "select": 3,
    "keyed_hash": 4,
}
OF_PROOFS = {"bool", "count", "is_power_of_two"}
OF_TUPLES = {"_asdict", "_field_defaults", "_fields", "_make", "_replace"}
QUANTIFIERS = {"all", "any", "all_different"}
OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod),
    *(ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr),
)
ORDERS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)

REFUSED: dict[type[ast.AST], tuple[str, str]] = {
    ast.While: ("a `while` loop", "`for name in range(…)`"),
    ast.Break: ("`break`", "the loop's condition as an `if`, or return"),
    ast.Continue: ("`continue`", "the rest of the loop's body under an `if`"),
    ast.With: ("`with`", "the statements alone"),
    ast.Try: ("`try`", "an `if` that asks before: nothing raises in proved code"),
    ast.TryStar: ("`try`", "an `if` that asks before: nothing raises in proved code"),
    ast.Raise: ("`raise`", "a `@require`, or return a reason to drop"),
    ast.Delete: ("`del`", "the function without it"),
    ast.Match: ("`match`", "`if` and `else`"),
    ast.Global: ("`global`", "a field that is an array or a structure"),
    ast.Nonlocal: ("`nonlocal`", "a field that is an array or a structure"),
    ast.FunctionDef: ("a function inside of another", "it at the module's top level"),
    ast.AsyncFunctionDef: ("an `async` function", "`def`"),
    ast.ClassDef: ("a class inside of another or of a function", "it at the module's top level"),
    ast.Import: ("`import`", "`from module import name`, at the top of the module"),
    ast.ImportFrom: ("an import inside of a block", "it at the top of the module"),
    ast.If: ("`if` outside of a function", "plain definitions"),
    ast.Lambda: ("a lambda outside of a contract", "a function at the module's top level"),
    ast.NamedExpr: ("`:=`", "an assignment of its own"),
    ast.JoinedStr: ("an f-string", "numbers only; strings are for docstrings"),
    ast.List: ("a list", "a tuple, or an array field"),
    ast.Set: ("a set", "comparisons joined by `or`"),
    ast.ListComp: ("a list comprehension", "a loop, or in contracts and specs `all(… for …)`"),
    ast.SetComp: ("a set comprehension", "a loop, or in contracts and specs `all(… for …)`"),
    ast.GeneratorExp: ("a generator", "a loop, or in contracts and specs `all(… for …)`"),
    ast.Dict: ("a dict in compiled code", "an array or a structure of libvig"),
    ast.DictComp: ("a dict comprehension in compiled code", "a structure of libvig"),
    ast.Slice: ("a slice", "offsets into the whole array"),
    ast.Starred: ("`*` before a value", "the values one by one"),
}
