"""How Numba is told of a Python function that is native by hand."""

# Numba's extension API is typed in part.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

from collections.abc import Callable
from typing import Any

from numba import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin

OWN = "pyvigor_"
"""How the variables are called that are one in all native code that is linked into one piece."""

AS_GIVEN = None
"""In place of a parameter's type: that of the argument."""

Generate = Callable[[Any, Any, Any, Any], Any]


def native_operation(
    meaning: Callable[..., Any], result: Any, *parameters: Any
) -> Callable[[Generate], Generate]:
    """Decorator of what generates the LLVM code for calls of a Python function.

    `result` is the type of what it returns, or a function of the first argument's.
    """

    class Template(AbstractTemplate):
        key = meaning

        def generic(self, args: Any, kws: Any) -> Any:
            if kws or len(args) != len(parameters):
                return None
            taken = [
                given if kind is AS_GIVEN else kind
                for given, kind in zip(args, parameters, strict=True)
            ]
            returned = result if isinstance(result, types.Type) else result(args[0])
            return signature(returned, *taken)

    infer_global(meaning, types.Function(Template))
    lowered: Callable[[Generate], Generate]
    lowered = lower_builtin(meaning, *[types.Any] * len(parameters))
    return lowered
