"""Native code that was compiled before: how it is loaded, and called as Python calls a function.

It was compiled by Numba, and is called by Numba's convention: a pointer to where the result goes,
one to where an exception is described, and then the parts of the arguments, all of them numbers or
addresses. To load and to call it takes no part of Numba, which would take long to import.
"""

import ctypes
import functools
import importlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from llvmlite import binding

from libvig.rows import Block

Kind: TypeAlias = "str | list[Any] | None"
"""Of a result: None, "int", "bool", or of a NamedTuple class its module, name and the kinds of its
fields."""

OK, RETURNS_NONE = 0, -2  # what native code returns if all went well
_CONTIGUOUS = 0x001
_FLAGS = _CONTIGUOUS | 0x500
"""Of NumPy's flags of an array those that Numba looks at: contiguous, aligned, writable."""


class Code(NamedTuple):
    """Native code of a function, for arguments of some types."""

    code: bytes
    """An object file."""
    symbol: str
    """The name of the function in it."""
    returns: Kind


class Argument:
    """An argument as native code takes it, and what type it has."""

    def __init__(self, value: Any, position: int = 0) -> None:
        """Raises TypeError for what native code does not take."""
        self.value = value
        self.position = position
        self.firsts: list[Any] = []
        self.parts: list[int] = []
        self.classes: set[type] = set()
        self.type = self._add(value)
        """A text that is the same for arguments for which the same code is right."""

    def _add(self, value: Any) -> str:
        """Add the parts of a value; return its type."""
        if isinstance(value, np.ndarray):
            return self._add_array(value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            self.classes.add(type(value))
            fields = ",".join([self._add(part) for part in value])
            return f"{type(value).__module__}.{type(value).__qualname__}({fields})"
        if isinstance(value, bool | np.bool_):
            self.parts.append(int(value))
            return "bool"
        if type(value) is int or isinstance(value, np.int64):
            if not -(2**63) <= value < 2**63:
                raise OverflowError(f"{value} does not fit 64 bits")
            self.parts.append(int(value))
            return "int"
        raise TypeError(f"native code takes integers and arrays, not {type(value).__name__}")

    def _add_array(self, array: np.ndarray[Any, Any]) -> str:
        address = array.__array_interface__["data"][0]
        self.parts += (0, 0, array.size, array.itemsize, address, *array.shape, *array.strides)
        if array.ndim != 1:
            return f"{array.dtype.str}[{array.ndim} dimensions:{array.flags.num & _FLAGS}]"
        place = place_in_memory(array, self.position, self.firsts)
        flags = array.flags.num & _FLAGS & ~_CONTIGUOUS  # as which NumPy takes one element, too
        return f"{array.dtype.str}[{stride_of(array)}:{flags}{place or ''}]"


class Place(NamedTuple):
    """Where an array lies in memory of which others lie in parts, too."""

    memory: tuple[int, int]
    """The number of the argument, and that of the memory within it, by first use."""
    offset: int
    """Bytes from where the first array that lies in it begins."""
    length: int | None
    """How many elements there are, if it is part of a block; they may be more or fewer in rows."""


def place_in_memory(array: Any, position: int, firsts: list[Any]) -> Place | None:
    """Where an array of an argument lies in a block or in rows, if it does.

    `firsts` are the first arrays of the memory of that argument that is known; it may become one.
    """
    in_block = isinstance(array.base, Block)
    in_rows = stride_of(array) != array.itemsize and isinstance(array.base, np.ndarray)
    if not (in_block or in_rows):
        return None
    length = len(array) if in_block else None
    for number, first in enumerate(firsts):
        if first.base is array.base and (in_block or first.strides == array.strides):
            return Place((position, number), array.ctypes.data - first.ctypes.data, length)
    firsts.append(array)
    return Place((position, len(firsts) - 1), 0, length)


def stride_of(array: np.ndarray[Any, Any]) -> int:
    """How many bytes behind one element of an array in one dimension the next lies, or would lie.

    A part of a column of rows has the stride of these, be it of one element or of none.
    """
    return array.strides[0] or (0 if array.size else array.itemsize)


@functools.cache
def has_aes() -> bool:
    """Whether native code hashes with AES: on x86-64 with AES-NI.

    Not if Numba may be asked to compile for some other processor: by NUMBA_CPU_NAME or
    NUMBA_CPU_FEATURES, or in its file of settings.
    """
    if {"NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"} & os.environ.keys():
        return False
    if Path(".numba_config.yaml").exists():
        return False
    is_x86 = binding.get_process_triple().startswith("x86_64")
    return is_x86 and bool(binding.get_host_cpu_features().get("aes"))


class Loaded:
    """Native code in memory."""

    def __init__(self, code: Code) -> None:
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        machine = binding.Target.from_default_triple().create_target_machine()
        self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
        self._engine.add_object_file(binding.ObjectFileRef.from_data(code.code))
        self._engine.finalize_object()
        self._address = self._engine.get_function_address(code.symbol)
        memory, self._value = _result(code.returns)
        self._result = _structure(memory)
        self._function: Any = None

    def __call__(self, parts: list[int]) -> Any:
        """Call it with the parts of arguments of its types."""
        if self._function is None:
            kinds = [ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * len(parts)]
            self._function = ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(self._address)
        result, exception = self._result(), ctypes.c_void_p()
        status = self._function(ctypes.addressof(result), ctypes.addressof(exception), *parts)
        if status not in (OK, RETURNS_NONE):
            raise _exception(status, exception)
        return self._value(result._0)


class _Exception(ctypes.Structure):
    """How native code describes an exception: as it was pickled when that was compiled."""

    _fields_ = (("pickled", ctypes.c_void_p), ("size", ctypes.c_int32))


def _exception(status: int, address: ctypes.c_void_p) -> Exception:
    if not address:
        return RuntimeError(f"native code ended with status {status}")
    described = _Exception.from_address(address.value or 0)
    cls, arguments, _ = pickle.loads(ctypes.string_at(described.pickled, described.size))
    return cls(*arguments or ()) if cls else RuntimeError(f"native code: {arguments}")


def _result(kind: Kind) -> tuple[Any, Callable[[Any], Any]]:
    """The memory that a result takes, and what makes the result of its content."""
    if kind is None:
        return ctypes.c_int64, lambda content: None
    if kind == "int":
        return ctypes.c_int64, int
    if kind == "bool":
        return ctypes.c_uint8, bool
    module, name, *kinds = list(kind)
    cls = getattr(importlib.import_module(module), name)
    memory, make = zip(*map(_result, kinds), strict=True)
    structure = _structure(*memory)

    def value(content: Any) -> Any:
        return cls(*(part(getattr(content, f"_{i}")) for i, part in enumerate(make)))

    return structure, value


def _structure(*parts: Any) -> Any:
    fields = [(f"_{i}", part) for i, part in enumerate(parts)]
    return type("Parts", (ctypes.Structure,), {"_fields_": fields})
