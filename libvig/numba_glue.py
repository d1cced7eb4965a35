"""What Numba has to know to compile NFs: methods of NamedTuple classes, contracts left out.

It takes long to import, so that is done only when something has to be compiled.
"""

# Numba's extension API is typed in part, and not always truly.
# mypy: disable-error-code="no-untyped-call, override"

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, NamedTuple

from numba import njit, types
from numba.core import codegen
from numba.core.compiler_lock import global_compiler_lock
from numba.core.errors import TypingError
from numba.core.registry import cpu_target
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate
from numba.extending import infer_getattr, lower_builtin, lower_getattr, overload

import libvig.native_hashes
import libvig.native_primitives  # noqa: F401 (these two tell Numba of them)
from libvig import compile as registry
from libvig.native_call import Code, Kind
from libvig.native_operation import OWN
from libvig.numba_column import type_of

Library: Any = codegen.CPUCodeLibrary  # what a function becomes, with all that it calls

# Reference counting and calls would cost several times the work between them: there is none of
# either in the native code of an NF, and a test looks whether that is so.
NATIVE_OPTIONS: Any = {"_nrt": False}
# Nobody calls the parts of native code, or that itself, but by Numba's own convention.
BARE: Any = NATIVE_OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
OPTIONS: Any = BARE | {"forceinline": True}

_GENERATED = vars(NamedTuple("_Empty", []))
_members: dict[tuple[type, str], Any] = {}  # Numba's type of each method or property
_dispatchers: list[Any] = []  # to which those types hold weak references


def teach(item: type | FunctionType) -> None:
    """Make calls of a function, or of the methods and properties of a class, compile."""
    if isinstance(item, type):
        _teach_class(item)
    else:
        _teach_function(item)


def _teach_function(function: FunctionType) -> None:
    target = inspect.unwrap(function)

    @overload(function, jit_options=OPTIONS, strict=False)
    def choose(*args: Any, **kwargs: Any) -> Any:
        return target


def _teach_class(cls: type) -> None:
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


class _Kept:
    """Stands where Numba keeps a cache, and keeps what it compiles."""

    cache_path = None
    result: Any = None

    def load_overload(self, signature: Any, context: Any) -> None:
        """There is nothing before it is compiled."""

    def save_overload(self, signature: Any, result: Any) -> None:
        self.result = result


@contextmanager
def _only_for_inlining(whole: str) -> Iterator[None]:
    """What is compiled within is not made machine code by itself, which would take long.

    But for the function of this name, whose parts all else is. They are optimised in there, too:
    before, only as far as it makes them small.
    """
    context = cpu_target.target_context
    # Numba tells functions by what they are called by: here, by something else that is unique.
    context.get_executable = lambda *_: object().__dir__
    optimise, finish = Library._optimize_final_module, Library._finalize_final_module

    def optimised(library: Any) -> None:
        if library.name == whole:
            for variable in library._final_module.global_variables:
                if variable.name.startswith(OWN):  # of no other code: so it is known who changes it
                    variable.linkage = "internal"
            optimise(library)
        else:
            cheap = {"loop_vectorize": False, "slp_vectorize": False, "opt": 3, "cost": "cheap"}
            passes, builder = library._codegen._module_pass_manager(**cheap)
            passes.run(library._final_module, builder)

    def finished(library: Any) -> None:
        if library.name == whole:
            finish(library)
        else:
            library._finalized = True

    Library._optimize_final_module, Library._finalize_final_module = optimised, finished
    try:
        yield
    finally:
        del context.get_executable
        Library._optimize_final_module, Library._finalize_final_module = optimise, finish


def compile_for(function: FunctionType, arguments: tuple[Any, ...]) -> Code:
    """The native code of a function for arguments of the types that these have."""
    try:
        return _compiled(function, [type_of(value, i) for i, value in enumerate(arguments)])
    except TypingError:  # it may be that arrays of different rows meet in one variable
        return _compiled(function, [type_of(value) for value in arguments])


def _compiled(function: FunctionType, kinds: list[Any]) -> Code:
    dispatcher: Any = njit(**BARE)(function)
    kept = dispatcher._cache = _Kept()
    with _only_for_inlining(function.__qualname__):
        dispatcher.compile(tuple(kinds))
        compiled = kept.result
        symbol: str = compiled.fndesc.llvm_func_name
        with global_compiler_lock:
            compiled.library.get_pointer_to_function(symbol)  # makes machine code of it
    code: bytes = compiled.library._get_compiled_object()
    return Code(code, symbol, _kind(compiled.signature.return_type))


def _kind(returned: Any) -> Kind:
    """What a function returns."""
    if isinstance(returned, types.NoneType):
        return None
    if isinstance(returned, types.BaseNamedTuple):
        parts: Any = returned
        cls: type = parts.instance_class
        return [cls.__module__, cls.__qualname__, *(_kind(part) for part in parts)]
    if isinstance(returned, types.Boolean):
        return "bool"
    if returned == types.int64:
        return "int"
    raise TypeError(f"a function that is run natively cannot return {returned}")


for _item in registry.registered:
    teach(_item)
