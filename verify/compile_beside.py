"""A network function compiled in a process of its own, while this one does what else is to do."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable
from typing import Any

from libvig.compile import native
from libvig.io.loop import process_all
from libvig.settings import Settings, device_names, make_config
from verify.native_loop import is_to_look_ahead, native_loop
from verify.process import NO_PACKETS
from verify.registry import LoadedNetworkFunction, new_nf

Wait = Callable[[], None]


def nothing() -> None:
    """There is nothing to wait for."""


def begin_to_compile(found: LoadedNetworkFunction, settings: Settings, ahead: bool | None) -> Wait:
    """Begin, if nothing of it is on disk, and can be; return what waits until it is there.

    It may not be, if it cannot be: who needs it looks, and compiles it then.
    """
    if native(process_all, sources=[found.module]).is_known or (os.cpu_count() or 1) == 1:
        return nothing
    import multiprocessing  # takes long

    if "fork" not in multiprocessing.get_all_start_methods():
        return nothing
    process = multiprocessing.get_context("fork").Process(
        target=_compile, args=(found, settings, ahead), daemon=True
    )
    process.start()
    return process.join


def _compile(found: LoadedNetworkFunction, settings: Settings, ahead: bool | None) -> None:
    """For two devices: how many there are makes no difference to the code."""
    gc.disable()  # for these few seconds: it would take a twentieth of them
    with contextlib.suppress(BaseException):  # the parent will meet it again, and say so
        config: Any = make_config(found.config_class, settings, device_names(settings, 2))
        nf = new_nf(found, config)
        wanted = is_to_look_ahead(nf) if ahead is None else ahead
        native_loop(found.module, ahead=wanted)(nf, NO_PACKETS, 0, 0)
