"""FlowTable against a dict of keys and times by index."""

from __future__ import annotations

from tests.crosshair.driver import Comparison
from tests.crosshair.drivers.key_table import TableAndModel
from verify.crosshair.plain import Plain

FIELDS = [(0, 6, 1, 2, 3, 4), (0, 17, 1, 2, 3, 4), (2**15 - 1, 255, 2**32 - 1, 0, 2**32 - 1, 1)]


def begin(plain: Plain, size: int) -> Comparison:
    module = plain.load("libvig.flow_table")
    keys = [module.FlowKey(*fields) for fields in FIELDS]
    return TableAndModel(module.new_flow_table, module.Flow, keys, size)
