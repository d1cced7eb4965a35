"""Try the mutants of all structures and their proofs, of some modules, or of network functions."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.edits import path_of
from tests.mutants import network_functions
from tests.mutants.generate import mutants
from tests.mutants.kill import unsound
from tests.mutants.run import run, sampled
from tests.mutants.subjects import READERS, STRUCTURES, proof_of
from tests.mutants.survivors import LISTED, listed
from verify.shipped import shipped

SUBJECTS = [*STRUCTURES, *(proof_of(module) for module in STRUCTURES)]


LEFT_OUT = """\
Left out are the capture readers, libvig/io: they are proved to stay within the file and to end,
whatever is in it, and not to read the right thing; tests tell that. --readers tries them, too.
So are the views in libvig/packet, which say where a field lies: no contract says that again.
tests/libvig/packet tell, over bytes written down by hand, and partly against scapy."""


def main(arguments: Sequence[str]) -> int:
    """Return 0 if the survivors are those listed, 1 if they are others, 2 after an error."""
    options = parsed(arguments)
    if options.nf:
        modules, kill, reviewed = options.nf, network_functions.KILL, network_functions.LISTED
        generated = [mutant for name in modules for mutant in network_functions.mutants_of(name)]
    else:
        modules, kill, reviewed = modules_of(options), "tests.mutants.kill:kill", LISTED
        generated = [mutant for module in modules for mutant in mutants(module)]
    chosen = generated
    if options.sample is not None:
        chosen = sampled(generated, options.sample, options.seed)
    if options.list:
        print(*(mutant.description for mutant in chosen), sep="\n")
        return 0
    print(f"{len(chosen)} of {len(generated)} mutants of {len(modules)} modules", flush=True)
    began = time.monotonic()
    if found := network_functions.unsound(options.nf) if options.nf else unsound(chosen):
        print("mutants mean nothing while what nobody has changed is not proved:", *found, sep="\n")
        return 2
    score = run(
        generated,
        chosen,
        kill=kill,
        reviewed=listed(reviewed),
        processes=options.processes,
        tell=_tell,
        verbose=options.verbose,
    )
    print(*score.table, f"{score.text}; {time.monotonic() - began:.0f} s", sep="\n")
    if not (options.module or options.readers or options.nf):
        print(LEFT_OUT)
    return score.status


def modules_of(options: argparse.Namespace) -> list[str]:
    """Return the modules of libvig whose mutants are tried."""
    return options.module or [
        *(name for name in SUBJECTS if path_of(name).exists()),
        *(READERS if options.readers else ()),
    ]


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("module", nargs="*", help="such as libvig.hash_map; default: all")
    parser.add_argument(
        "--nf", nargs="+", default=[], choices=shipped(), help="network functions instead"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="try N mutants only")
    parser.add_argument("--seed", type=int, default=0, help="decides which, default %(default)s")
    parser.add_argument("--list", action="store_true", help="only say which mutants there are")
    parser.add_argument("--verbose", action="store_true", help="say of each what came of it")
    parser.add_argument("--readers", action="store_true", help="mutants of capture readers, too")
    parser.add_argument("--processes", type=int, default=2, help="default %(default)s")
    options = parser.parse_args(arguments)
    for module in options.module:
        if not path_of(module).is_file():
            parser.error(f"there is no module {module}")
    return options


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
