"""CrossHair looks at every step of Python; where all is known, it need not, and is much quicker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

unwatched: Callable[[], AbstractContextManager[None]] = nullcontext
"""While it lasts, CrossHair does not look; a search sets it."""
