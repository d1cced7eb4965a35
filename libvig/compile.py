"""All that makes Numba compile NFs: methods of NamedTuple classes, contracts left out, a cache.

NFs and structures are ordinary classes and functions. `compiled_class` and `compiled` return them
as they are, so that CPython runs them with their contracts, and tell Numba what it needs to
compile a call of them: the function below the contracts, to be inlined into its caller.
"""

# Numba's extension API is typed in part, and not always truly.
# mypy: disable-error-code="no-untyped-call, override"

import inspect
import platform
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

import llvmlite
import numba
import numpy as np
from llvmlite import binding
from numba import njit, types
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate
from numba.extending import infer_getattr, lower_builtin, lower_getattr, overload

from libvig import compile_cache

Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])

# Reference counting and calls would cost several times the work between them: there is none of
# either in the native code of an NF, and a test looks whether that is so.
OPTIONS: Any = {"_nrt": False, "forceinline": True, "no_cpython_wrapper": True}
NATIVE_OPTIONS: Any = {"_nrt": False}

_GENERATED = vars(NamedTuple("_Empty", []))
_members: dict[tuple[type, str], Any] = {}  # Numba's type of each method or property
_dispatchers: list[Any] = []  # to which those types hold weak references


def compiled(function: Function) -> Function:
    """Make a module function callable in compiled code."""
    target = inspect.unwrap(function)

    @overload(function, jit_options=OPTIONS, strict=False)
    def choose(*args: Any, **kwargs: Any) -> Any:
        return target

    return function


def compiled_class(cls: Class) -> Class:
    """Make the methods and properties of a NamedTuple class usable in compiled code."""
    defaults = ", ".join(getattr(cls, "_field_defaults", {}))
    if defaults:  # Numba would make an object without these fields
        raise TypeError(f"{cls.__name__}: give {defaults} in every call, not by default")
    for name, member in vars(cls).items():
        if name.startswith("__") or name in _GENERATED:
            continue
        if inspect.isfunction(member):
            _members[cls, name] = _numba_type(member)
            lower_builtin((cls, name), types.BaseNamedTuple, types.VarArg(types.Any))(
                _method_lowering(cls, name)
            )
        elif isinstance(member, property):
            _members[cls, name] = _numba_type(member.fget)
            lower_getattr(types.BaseNamedTuple, name)(_property_lowering(name))
    return cls


def _numba_type(function: Any) -> Any:
    _dispatchers.append(njit(**OPTIONS)(inspect.unwrap(function)))
    return types.Dispatcher(_dispatchers[-1])


@infer_getattr
class _NamedTupleMembers(AttributeTemplate):
    """Types `structure.method` and `structure.property`."""

    key = types.BaseNamedTuple

    def generic_resolve(self, instance: Any, name: str) -> Any:
        cls = instance.instance_class
        if (cls, name) not in _members:
            return None
        callee = _members[cls, name]
        if isinstance(inspect.getattr_static(cls, name), property):
            return callee.get_call_type(self.context, (instance,), {}).return_type

        class Method(AbstractTemplate):
            key = (cls, name)

            def generic(self, args: Any, kws: Any) -> Any:
                return callee.get_call_type(self.context, (instance, *args), kws).as_method()

        return types.BoundFunction(Method, instance)


def _call(context: Any, builder: Any, callee: Any, signature: Any, args: Any) -> Any:
    call = context.get_function(callee, signature)
    context.add_linking_libs(getattr(call, "libs", ()))
    return call(builder, args)


def _method_lowering(cls: type, name: str) -> Callable[..., Any]:
    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _call(context, builder, _members[cls, name], signature, args)

    return lower


def _property_lowering(name: str) -> Callable[..., Any]:
    def lower(context: Any, builder: Any, owner: Any, value: Any) -> Any:
        callee = _members.get((owner.instance_class, name))
        if callee is None:  # a field of that name, in another class
            return builder.extract_value(value, owner.fields.index(name))
        signature = callee.get_call_type(context.typing_context, (owner,), {})
        return _call(context, builder, callee, signature, [value])

    return lower


def native(function: Callable[..., Any], *, sources: Iterable[ModuleType] = ()) -> Any:
    """Return a module function as native code, kept on disk from one run to the next.

    `sources` are the modules of the classes of its arguments, as far as the function's own module
    does not import them: above all the module of the NF. What these import, directly or not, is
    taken into account. The result is a Numba dispatcher: called like the function, it is compiled
    or loaded when first called with arguments of some types.
    """
    modules = compile_cache.with_imports([sys.modules[function.__module__], *sources])
    dispatcher = njit(**NATIVE_OPTIONS)(function)
    dispatcher._cache = _cache(function, modules)
    return dispatcher


def _cache_key(modules: Iterable[ModuleType]) -> str:
    """Return what decides the native code: the sources, the compiler and the processor."""
    features = sorted(binding.get_host_cpu_features().items())
    return compile_cache.key(
        modules,
        [numba.__version__, llvmlite.__version__, np.__version__, platform.python_version()],
        [binding.get_host_cpu_name(), features, OPTIONS, NATIVE_OPTIONS],
    )


def _cache(function: Any, modules: Iterable[ModuleType]) -> FunctionCache:
    """Return Numba's cache, in a folder of ours that belongs to one key."""
    cache_key = _cache_key(modules)
    cache_folder = compile_cache.folder(cache_key)

    class Locator(_CacheLocator):
        def get_cache_path(self) -> str:
            return str(cache_folder)

        def get_source_stamp(self) -> str:
            return cache_key

        def get_disambiguator(self) -> str:
            return ""

        @classmethod
        def from_function(cls, py_func: Any, py_file: str) -> "Locator":
            return cls()

    class Implementation(CompileResultCacheImpl):
        _locator_classes: Any = (Locator,)

    class Cache(FunctionCache):
        _impl_class = Implementation

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            unknown = _modules_of(sig) - {module.__name__ for module in modules}
            if unknown:
                raise ValueError(f"native({function.__name__}): not in sources: {unknown}")
            return super().load_overload(sig, target_context)

        def save_overload(self, sig: Any, data: Any) -> None:
            if _cache_key(modules) == cache_key:  # nothing was edited during compilation
                super().save_overload(sig, data)

    return Cache(function)


def _modules_of(numba_types: Iterable[Any]) -> set[str]:
    """Return the modules that the classes among Numba's types are from."""
    found: set[str] = set()
    for numba_type in numba_types:
        if isinstance(numba_type, types.BaseNamedTuple):
            named: Any = numba_type
            found |= {named.instance_class.__module__} | _modules_of(named)
    return found
