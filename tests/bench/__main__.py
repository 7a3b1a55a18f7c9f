"""How fast it is, against baselines measured in the same run: ``python -m tests.bench``.

Prints one table; ``--json FILE`` keeps what it says. ``--list`` tells what there is, ``--only NAME,NAME``
chooses, ``--quick`` measures small sizes to see that the benches work.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from tests.bench import first_paint, one_move, status_into_store
from tests.bench.report import Result, print_table, write_json
from tests.peers.process import node_ready

WIDTH = 150
"""Of the table where there is no terminal to ask."""

Measurement = Callable[[], list[Result]]

FULL: Mapping[str, Measurement] = {
    "status_into_store": lambda: status_into_store.measure(10_000, 400_000, rounds=3),
    "first_paint": lambda: first_paint.measure(100_000, 1_000_000, rounds=5),
    "one_move": lambda: one_move.measure(100_000, moves=60),
}
QUICK: Mapping[str, Measurement] = {
    "status_into_store": lambda: status_into_store.measure(1_000, 20_000, rounds=1),
    "first_paint": lambda: first_paint.measure(1_000, 10_000, rounds=1),
    "one_move": lambda: one_move.measure(1_000, moves=5),
}


def main() -> None:
    wanted = _arguments()
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    if wanted.list:
        console.print("\n".join(FULL))
        return
    _let_children_import_us()
    if reason := node_ready():
        sys.exit(f"The benches need Node's socket.io: {reason}.")
    measurements = QUICK if wanted.quick else FULL
    results: list[Result] = []
    for name in wanted.only or measurements:
        with console.status(name):
            results += measurements[name]()
    print_table(results, console)
    if wanted.json is not None:
        write_json(wanted.json, results=results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", type=_names, metavar="NAME,NAME", help="these measurements alone")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that the benches work")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was measured")
    parser.add_argument("--list", action="store_true", help="what there is")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(FULL):
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; see --list")
    return names


def _let_children_import_us() -> None:
    """Processes under test are started from here, where the package and its tests are."""
    paths = [str(Path.cwd()), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)


if __name__ == "__main__":
    main()
