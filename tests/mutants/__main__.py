"""Try the mutants of all structures and their proofs: python -m tests.mutants [module…]."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.mutants.generate import mutants, path_of
from tests.mutants.run import run, sampled
from tests.mutants.survivors import listed

STRUCTURES = (
    "double_chain",
    "hash_map",
    "flow_key",
    "flow_table",
    "port_allocator",
    "vector",
    "token_bucket",
    "maglev",
)
SCANNERS = ("scan", "scan_pcap", "scan_pcapng", "pcapng_time", "bytes")
SUBJECTS = [
    *(f"libvig.{name}" for name in STRUCTURES),
    *(f"libvig.io.{name}" for name in SCANNERS),
    *(f"libvig.proof.{name}" for name in STRUCTURES),
]


def main(arguments: Sequence[str]) -> int:
    """Return 0 if the survivors are those listed, 1 if they are others, 2 after an error."""
    options = parsed(arguments)
    modules = options.module or [name for name in SUBJECTS if path_of(name).exists()]
    generated = [mutant for module in modules for mutant in mutants(module)]
    chosen = generated
    if options.sample is not None:
        chosen = sampled(generated, options.sample, options.seed)
    if options.list:
        print(*(mutant.description for mutant in chosen), sep="\n")
        return 0
    print(f"{len(chosen)} of {len(generated)} mutants of {len(modules)} modules", flush=True)
    began = time.monotonic()
    score = run(
        generated,
        chosen,
        kill=options.kill,
        reviewed=listed(),
        processes=options.processes,
        tell=_tell,
    )
    print(f"{score.text}; {time.monotonic() - began:.0f} s")
    return score.status


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("module", nargs="*", help="such as libvig.hash_map; default: all")
    parser.add_argument("--sample", type=int, metavar="N", help="try N mutants only")
    parser.add_argument("--seed", type=int, default=0, help="decides which, default %(default)s")
    parser.add_argument("--list", action="store_true", help="only say which mutants there are")
    parser.add_argument("--processes", type=int, default=2, help="default %(default)s")
    parser.add_argument(
        "--kill",
        default="tests.mutants.kill:kill",
        metavar="MODULE:FUNCTION",
        help="what judges a mutant, default %(default)s",
    )
    options = parser.parse_args(arguments)
    for module in options.module:
        if not path_of(module).is_file():
            parser.error(f"there is no module {module}")
    return options


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
