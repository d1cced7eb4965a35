"""Numba: the methods of NamedTuple classes and module functions, callable from compiled code."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from numba import njit, types
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate
from numba.extending import infer_getattr, lower_builtin, overload

Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"no_cpython_wrapper": True, "_nrt": False, "forceinline": True}
_METHODS: dict[tuple[type, str], tuple[Any, Any]] = {}


@infer_getattr
class _MethodOfNamedTuple(AttributeTemplate):  # type: ignore[misc]
    key = types.BaseNamedTuple

    def generic_resolve(self, instance: Any, name: str) -> Any:
        found = _METHODS.get((instance.instance_class, name))
        if found is None:
            return None
        callee = found[1]

        class Bound(AbstractTemplate):  # type: ignore[misc]
            key = (instance.instance_class, name)

            def generic(self, args: Any, kws: Any) -> Any:
                return callee.get_call_type(self.context, (instance, *args), kws).as_method()

        return types.BoundFunction(Bound, instance)


def _register(cls: type, name: str, function: Callable[..., Any]) -> None:
    dispatcher = njit(**OPTIONS)(function)
    callee = types.Dispatcher(dispatcher)
    _METHODS[cls, name] = dispatcher, callee

    @lower_builtin((cls, name), types.BaseNamedTuple, types.VarArg(types.Any))
    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        call = context.get_function(callee, signature)
        context.add_linking_libs(getattr(call, "libs", ()))
        return call(builder, args)


def compiled_class(cls: Class) -> Class:
    """Make the methods of a NamedTuple class callable in compiled code."""
    generated = vars(NamedTuple("Empty", []))
    for name, member in list(vars(cls).items()):
        if inspect.isfunction(member) and name not in generated and not name.startswith("__"):
            _register(cls, name, inspect.unwrap(member))
    return cls


def compiled(function: Function) -> Function:
    """Make a module function callable in compiled code."""
    target = inspect.unwrap(function)

    @overload(function, jit_options=OPTIONS, strict=False)
    def choose(*args: Any, **kwargs: Any) -> Any:
        return target

    return function


def native(function: Callable[..., Any], *, sources: Any = ()) -> Any:
    """Return the natively compiled version of a module function."""
    return njit(_nrt=False)(function)
