"""How fast it is, against baselines measured in the same run: ``python -m tests.bench``.

Prints one table; ``--json FILE`` keeps what it says. ``--list`` tells what there is, ``--only NAME,NAME``
chooses, ``--quick`` measures small sizes to see that the benches work. ``--growth`` measures the second
part instead: how cost grows with participants and with events; it goes into the same file, from which
``python -m tests.bench.plot`` makes the picture.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from tests.bench import (
    big_roster,
    busy_terminal,
    bytes_out,
    drops,
    filtering,
    first_paint,
    frame_cost,
    growth,
    history_writing,
    idle,
    memory,
    one_move,
    overrides,
    packet_recording,
    scrape,
    slow_terminal,
    starting,
    status_into_store,
    storm,
)
from tests.bench.report import Result, print_table, write_json
from tests.peers.process import node_ready

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RATES = (100, 1_000, 10_000, 100_000)
WIDTH = 150
"""Of the table where there is no terminal to ask."""

Measurement = Callable[[], list[Result]]

FULL: Mapping[str, Measurement] = {
    "status_into_store": lambda: status_into_store.measure(10_000, 400_000, rounds=3),
    "first_paint": lambda: first_paint.measure(100_000, 1_000_000, rounds=5),
    "one_move": lambda: one_move.measure(100_000, moves=60),
    "frame_cost": lambda: frame_cost.measure(1_000, 1_000_000, rounds=60),
    "busy_terminal": lambda: busy_terminal.measure(10_000, 10_000, seconds=60),
    "packets": lambda: packet_recording.measure(10_000, 10_000, seconds=10, rounds=5),
    "scrape": lambda: scrape.measure(1_000, 1_000_000, rounds=200),
    "storm": lambda: storm.measure(10_000, 100_000, seconds=10),
    "big_roster": lambda: big_roster.measure(100_000, rounds=5),
    "memory": lambda: memory.measure(1_000_000),
    "filtering": lambda: filtering.measure(100_000, fuzzy_texts=8),
    "starting": lambda: starting.measure(runs=15),
    "idle": lambda: idle.measure(10_000, seconds=60),
    "bytes_out": lambda: bytes_out.measure(changes=25),
    "slow_terminal": lambda: slow_terminal.measure(10_000, 1_000, 30, drain_bytes_a_second=100_000),
    "history": lambda: history_writing.measure(200_000, rounds=3),
    "drops": lambda: drops.measure(1_000),
    "overrides": lambda: overrides.measure(5, participants=100_000, events=100_000, seconds=15),
}
QUICK: Mapping[str, Measurement] = {
    "status_into_store": lambda: status_into_store.measure(1_000, 20_000, rounds=1),
    "first_paint": lambda: first_paint.measure(1_000, 10_000, rounds=1),
    "one_move": lambda: one_move.measure(1_000, moves=5),
    "frame_cost": lambda: frame_cost.measure(1_000, 10_000, rounds=5),
    "busy_terminal": lambda: busy_terminal.measure(1_000, 1_000, seconds=2),
    "packets": lambda: packet_recording.measure(1_000, 1_000, seconds=2, rounds=1),
    "scrape": lambda: scrape.measure(1_000, 10_000, rounds=5),
    "storm": lambda: storm.measure(1_000, 10_000, seconds=1),
    "big_roster": lambda: big_roster.measure(5_000, rounds=1),
    "memory": lambda: memory.measure(20_000),
    "filtering": lambda: filtering.measure(2_000, fuzzy_texts=2),
    "starting": lambda: starting.measure(runs=1),
    "idle": lambda: idle.measure(1_000, seconds=2),
    "bytes_out": lambda: bytes_out.measure(changes=3),
    "slow_terminal": lambda: slow_terminal.measure(1_000, 500, 2, drain_bytes_a_second=100_000),
    "history": lambda: history_writing.measure(10_000, rounds=1),
    "drops": lambda: drops.measure(20),
    "overrides": lambda: overrides.measure(1, participants=2_000, events=5_000, seconds=2),
}


def main() -> None:
    wanted = _arguments()
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    if wanted.list:
        console.print("\n".join(FULL))
        return
    _prepare_children()
    if reason := node_ready():
        sys.exit(f"The benches need Node's socket.io: {reason}.")
    if wanted.growth:
        _measure_growth(console, wanted.json, quick=wanted.quick)
    else:
        _measure_rows(console, wanted.json, wanted.only, QUICK if wanted.quick else FULL)


def _measure_rows(
    console: Console, json: Path | None, only: list[str] | None, measurements: Mapping[str, Measurement]
) -> None:
    results: list[Result] = []
    failed: list[str] = []
    for name in only or measurements:
        began_s = time.monotonic()
        try:
            with console.status(name):
                results += measurements[name]()
        except Exception:  # noqa: BLE001  (the others are worth measuring all the same)
            console.print_exception(max_frames=4)
            failed.append(name)
        print(f"{name}: {time.monotonic() - began_s:.0f} s", file=sys.stderr)
        if json is not None:
            write_json(json, results=results, failed=failed)
    print_table(results, console)
    if failed:
        sys.exit(f"Not measured: {', '.join(failed)}.")


def _measure_growth(console: Console, json: Path | None, *, quick: bool) -> None:
    with console.status("growth"):
        sizes = growth.measure_sizes((1_000, 10_000) if quick else SIZES, moves=5 if quick else 40)
        rates = growth.measure_rates((100, 1_000) if quick else RATES, seconds=2 if quick else 15)
    growth.print_growth(sizes, rates, console)
    if json is not None:
        write_json(json, growth={"sizes": sizes, "rates": rates})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", type=_names, metavar="NAME,NAME", help="these measurements alone")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that the benches work")
    parser.add_argument("--growth", action="store_true", help="how cost grows, instead of the table")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was measured")
    parser.add_argument("--list", action="store_true", help="what there is")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(FULL):
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; see --list")
    return names


def _prepare_children() -> None:
    """Processes under test import the package and its tests from here, and draw in all colours."""
    os.environ["COLORTERM"] = "truecolor"
    paths = [str(Path.cwd()), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)


if __name__ == "__main__":
    main()
