"""What is compiled, how it is kept from run to run, and how it is called.

NFs and structures are ordinary classes and functions. `compiled_class` and `compiled` return them
as they are, so that CPython runs them with their contracts; libvig/numba_glue.py tells Numba, when
something has to be compiled, what it needs to compile a call of them: the function below the
contracts, to be inlined into its caller.
"""

import hashlib
import importlib.util
import json
import platform
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar, cast

import llvmlite
import numpy as np
from llvmlite import binding

from libvig import compile_cache
from libvig.native_call import Argument, Code, Loaded, has_aes

Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound=Callable[..., Any])

GLUE = "libvig.numba_glue"

registered: list[Any] = []
"""The functions and classes that compiled code may use."""


def compiled(function: Function) -> Function:
    """Make a module function callable in compiled code."""
    _register(function)
    return function


def compiled_class(cls: Class) -> Class:
    """Make the methods and properties of a NamedTuple class usable in compiled code."""
    defaults = ", ".join(getattr(cls, "_field_defaults", {}))
    if defaults:  # Numba would make an object without these fields
        raise TypeError(f"{cls.__name__}: give {defaults} in every call, not by default")
    _register(cls)
    return cls


def _register(item: Any) -> None:
    registered.append(item)
    if GLUE in sys.modules:
        sys.modules[GLUE].teach(item)


def native(function: Callable[..., Any], *, sources: Iterable[ModuleType] = ()) -> "Native":
    """Return a module function as native code, kept on disk from one run to the next.

    `sources` are the modules of the classes of its arguments, as far as the function's own module
    does not import them: above all the module of the NF. What these import, directly or not, is
    taken into account.
    """
    return Native(cast(FunctionType, function), sources)


class Native:
    """A function that is compiled or loaded when it is first called with arguments of some types.

    It takes what its function takes, by position: integers, truth values, arrays, and NamedTuples
    of these; and returns None, an integer, a truth value, or a NamedTuple of such.
    """

    def __init__(self, function: FunctionType, sources: Iterable[ModuleType]) -> None:
        """Take note of the sources as they are now."""
        self._function = function
        self._modules = compile_cache.with_imports([sys.modules[function.__module__], *sources])
        self._key = _cache_key(self._modules)
        self._loaded: dict[tuple[str, ...], Loaded] = {}
        self._last: dict[int, Argument] = {}
        self.compilations = 0
        """How often it was compiled and not found on disk."""

    @property
    def is_known(self) -> bool:
        """Whether something of the same sources was kept, or nothing can be."""
        folder = compile_cache.folder(self._key)
        return folder.name != self._key or any(folder.iterdir())

    @property
    def variants(self) -> int:
        """For how many types of arguments there is code."""
        return len(self._loaded)

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        given = [self._given(i, value) for i, value in enumerate(arguments)]
        kind = tuple([argument.type for argument in given])
        loaded = self._loaded.get(kind)
        if loaded is None:
            loaded = self._loaded[kind] = Loaded(self._code(given))
        return loaded([part for argument in given for part in argument.parts])

    def _given(self, position: int, value: Any) -> Argument:
        """An argument; a tuple that was given there before is not taken apart again."""
        last = self._last.get(position)
        if last is not None and last.value is value:
            return last
        argument = Argument(value, position)
        if isinstance(value, tuple):  # which stays as it is
            self._last[position] = argument
        return argument

    def _code(self, given: list[Argument]) -> Code:
        unknown = {cls.__module__ for argument in given for cls in argument.classes}
        unknown -= {module.__name__ for module in self._modules}
        if unknown:
            raise ValueError(f"native({self._function.__name__}): not in sources: {unknown}")
        name = f"{self._function.__module__}.{self._function.__qualname__}"
        types = [argument.type for argument in given]
        digest = hashlib.sha256(repr((name, types)).encode()).hexdigest()
        file = compile_cache.folder(self._key) / f"{self._function.__name__}-{digest[:16]}"
        found = _kept(file)
        if found is None:
            from libvig import numba_glue

            found = numba_glue.compile_for(self._function, tuple(a.value for a in given))
            self.compilations += 1
            if _cache_key(self._modules) == self._key:  # nothing was edited during compilation
                _keep(file, found)
        return found


def _cache_key(modules: Iterable[ModuleType]) -> str:
    """Return what decides the native code: the sources, the compiler and the processor."""
    features = sorted(binding.get_host_cpu_features().items())
    return compile_cache.key(
        modules,
        [(Path(__file__).parent / f"{tool}.py").read_bytes() for tool in compile_cache.TOOLS],
        [_numba_version(), llvmlite.__version__, np.__version__, platform.python_version()],
        [binding.get_host_cpu_name(), features, has_aes()],
    )


@cache
def _numba_version() -> bytes:
    """What names it, without the import, which would take long."""
    spec = importlib.util.find_spec("numba")
    assert spec is not None and spec.origin is not None
    return (Path(spec.origin).parent / "_version.py").read_bytes()


def _kept(file: Path) -> Code | None:
    """The native code in a file, if it is there and whole."""
    content = compile_cache.kept(file)
    if content is None:
        return None
    head, _, code = content.partition(b"\n")
    return Code(code, **json.loads(head))


def _keep(file: Path, code: Code) -> None:
    """Write native code to a file."""
    head = {"symbol": code.symbol, "returns": code.returns}
    compile_cache.keep(file, json.dumps(head).encode() + b"\n" + code.code)
