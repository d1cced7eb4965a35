"""The modules of which there are mutants, and those that are read to judge them."""

from __future__ import annotations

STRUCTURES = (
    "libvig.double_chain",
    "libvig.hash_map",
    "libvig.key_table",
    "libvig.flow_key",
    "libvig.flow_table",
    "libvig.port_allocator",
    "libvig.vector",
    "libvig.token_bucket",
    "libvig.maglev",
    "libvig.station",
    "libvig.station_list",
    "libvig.backend_pool",
    "libvig.packet.checksum",
    "libvig.packet.validity",
)
READERS = (
    "libvig.io.scan",
    "libvig.io.scan_pcap",
    "libvig.io.scan_pcapng",
    "libvig.io.pcapng_time",
    "libvig.io.bytes",
)
"""Proved to stay within the file and to end, and nothing more: most mutants of these that read
something else survive, rightly. So they are left out unless asked for."""


def proof_of(module: str) -> str:
    """Return the name of the proof file of a module, whether there is one or not."""
    return f"libvig.proof.{module.rpartition('.')[2]}"


def subject_of(module: str) -> str:
    """Return the module that a proof file is about; for other modules, themselves."""
    return next((name for name in (*STRUCTURES, *READERS) if proof_of(name) == module), module)
