"""A flow's key is stored packed, as two words.

Only words that a key was packed into are ever stored, so flows whose words differ have different
keys.
"""

from __future__ import annotations

from libvig.flow_key import unpack
from libvig.flow_table import FlowTable
from libvig.proof.notation import about, always


@about
class Packed(FlowTable):
    """A table of packed keys."""

    @always
    def words_are_packed(self) -> bool:
        return all(unpack(e.key).pack() == e.key for e in self.table.entries.values())
