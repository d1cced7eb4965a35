"""The network functions: those that are shipped, by name, and any other, by its file.

By convention a file nfs/NAME.py has exactly one class with a method `process`, a function
new_NAME(config) whose parameter's annotation is the class of the NF's settings, and an enumeration
Drop of the reasons for which it drops packets.
"""

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, get_type_hints

from icontract import ViolationError

from libvig.rows import in_one_block
from libvig.settings import broken_rule
from verify.errors import UsageError
from verify.file_names import import_folders, is_file_name
from verify.native_loop import CACHED, bytes_of
from verify.shipped import FOLDER, check_shipped, shipped


class LoadedNetworkFunction(NamedTuple):
    """A network function, imported: what `pyvigor run` needs of it."""

    name: str
    module: ModuleType
    path: Path
    config_class: type[Any]
    new: Callable[[Any], Any]
    """Makes the NF from its settings; its preconditions say which settings are valid."""
    drop: type[IntEnum]


def find(name: str) -> LoadedNetworkFunction:
    """The network function of this name, or in the file of this path (one with / or .py).

    NAME=FILE is the file, as the network function of this name or path. Raises UsageError if there
    is none, or the file does not follow the convention.
    """
    alias, equals, file = name.partition("=")
    if equals and alias in shipped():
        return found_in(_load_file(Path(file)), alias)
    if equals and is_file_name(alias):
        return found_in(_load_file(Path(file)), Path(alias).stem)
    module = load(name)
    return found_in(module, Path(module.__file__ or "").stem)


def load(name: str) -> ModuleType:
    """The module of the network function of this name or path."""
    if is_file_name(name):
        return _load_file(Path(name))
    check_shipped(name)
    return importlib.import_module(f"nfs.{name}")


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise UsageError(f"{path}: {what}; give a file, or a name that pyvigor list prints")
    path = path.resolve()
    if path.parent == FOLDER:
        return load(path.stem)
    name = f"user_{path.stem}"  # must not hide a module of the same name
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: is not a Python file; its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    search_path = list(sys.path)
    sys.path[:0] = map(str, import_folders(path))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise UsageError(_where(path, error)) from None
    finally:
        sys.path[:] = search_path
    return module


def _where(path: Path, error: Exception) -> str:
    """Where in the file importing it failed, and why, in one line."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: syntax error: {error.msg}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return f"{path}:{lines[-1] if lines else 1}: {type(error).__name__}: {one_line(error)}"


def found_in(module: ModuleType, name: str) -> LoadedNetworkFunction:
    """The network function of a module, under a name."""
    path = Path(module.__file__ or "")
    own = [
        member
        for member in vars(module).values()
        if inspect.isclass(member) and member.__module__ == module.__name__
    ]
    nf_classes = [member for member in own if callable(getattr(member, "process", None))]
    if len(nf_classes) != 1:
        found = "no class" if not nf_classes else f"{len(nf_classes)} classes"
        raise UsageError(f"{path}: {found} with a method process(self, packet, now); write one")
    new = getattr(module, f"new_{name}", None)
    if not inspect.isfunction(new):
        raise UsageError(f"{path}: no function new_{name}(config); write one that makes the NF")
    drop = getattr(module, "Drop", None)
    if not (inspect.isclass(drop) and issubclass(drop, IntEnum)):
        raise UsageError(f"{path}: no enumeration Drop(IntEnum) of reasons; write one, all < 0")
    if any(reason >= 0 for reason in drop):
        raise UsageError(
            f"{path}: Drop has a reason that is not negative; verdicts >= 0 are devices"
        )
    return LoadedNetworkFunction(name, module, path, _config_class(path, new), new, drop)


def _config_class(path: Path, new: Callable[[Any], Any]) -> type[Any]:
    function = inspect.unwrap(new)
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters)
    config = hints.get(parameters[0]) if len(parameters) == 1 else None
    if not (inspect.isclass(config) and issubclass(config, tuple) and hasattr(config, "_fields")):
        raise UsageError(
            f"{path}:{function.__code__.co_firstlineno}: {function.__name__} must have one "
            "parameter, annotated with the NamedTuple of the settings"
        )
    return config


def new_nf(found: LoadedNetworkFunction, config: Any) -> Any:
    """A new NF with these settings; raises UsageError if it refuses them.

    If it is large, it lies in one block, for which its native code is compiled. That of all smaller
    ones is the same.
    """
    try:
        nf = found.new(config)
    except ViolationError as error:
        groups = getattr(found.new, "__preconditions__", [])
        rules = [rule for group in groups for rule in group]
        parameter = next(iter(inspect.signature(found.new).parameters))
        raise UsageError(broken_rule(rules, error, **{parameter: config})) from None
    return in_one_block(nf, given=config) if bytes_of(nf) > CACHED else nf


def one_line(error: Exception) -> str:
    """What an exception says, without line breaks."""
    return " ".join(str(error).split()) or type(error).__name__
