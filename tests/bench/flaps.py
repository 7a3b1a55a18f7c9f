"""How often the likely cause of flaps is right: ``python -m tests.bench.flaps``.

Plays labelled hours of the embedded gateway under a fake clock and prints the confusion table as Markdown:
a row for each true cause, a column for each derived one. The models in ``flaps/rhythms.py`` were made with
seeds below 10; these are others.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.flaps.recorder import FlapRecorder
from presence_tui.flaps.report import FlapCause
from tests.unit.flaps.labelled import hours

FIRST_SEED = 1_000
CHANGES = 200_000
CHANGES_A_FRAME = 160
"""Those of 16 ms."""

Confusion = Counter[tuple[FlapCause, FlapCause]]


def confusion(seeds: range) -> Confusion:
    """Number of participants by true cause and derived cause."""
    found: Confusion = Counter()
    for hour, report in hours(seeds):
        labels = hour.labels
        found.update((labels[each.key], each.cause) for each in report.people if each.key in labels)
    return found


def share_right(found: Confusion) -> float:
    return sum(count for (label, cause), count in found.items() if label is cause) / found.total()


def table(found: Confusion) -> Iterator[str]:
    """The confusion table in Markdown."""
    yield f"| true cause | {' | '.join(f'`{cause}`' for cause in FlapCause)} | right |"
    yield f"|{'---|' * (len(FlapCause) + 2)}"
    for label in FlapCause:
        counts = [found[label, cause] for cause in FlapCause]
        right = found[label, label] / max(1, sum(counts))
        cells = " | ".join(str(count) if count else "" for count in counts)
        yield f"| `{label}` | {cells} | {right:.1%} |"


def seconds_a_change() -> tuple[float, float]:
    """Processor time of recording a departure or arrival: of people who flap, and of those who do not."""
    return _seconds(5.0), _seconds(600.0)


def _seconds(away_s: float) -> float:
    changes = list(_changes(away_s))
    recorder = FlapRecorder(0.0)
    began_s = time.process_time()
    for start in range(0, CHANGES, CHANGES_A_FRAME):
        recorder.add(changes[start : start + CHANGES_A_FRAME])
    return (time.process_time() - began_s) / len(changes)


def _changes(away_s: float) -> Iterator[Change]:
    """Ten thousand people leave and return in turn, ten thousand changes a second."""
    for number in range(CHANGES):
        key, flag = f"u{number // 2 % 10_000}", number % 2 == 1
        states = (State.OFFLINE, State.ONLINE) if flag else (State.ONLINE, State.OFFLINE)
        yield Change(
            at_s=1e6 + number * 1e-4,
            cause=Cause.MOVED,
            key=key,
            name=key,
            before=states[0],
            after=states[1],
            flag_before=not flag,
            flag=flag,
            last_active_s=None,
            source=Source.EVENT,
            epoch=1,
            held_s=away_s,
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.flaps", description=__doc__)
    parser.add_argument("--seeds", type=int, default=40, help="hours of each profile")
    wanted = parser.parse_args()
    found = confusion(range(FIRST_SEED, FIRST_SEED + wanted.seeds))
    print("\n".join(table(found)))
    print(f"\n{found.total()} participants, {share_right(found):.1%} right")
    flapping_s, others_s = seconds_a_change()
    print(f"{flapping_s * 1e6:.1f} µs a change of people who flap, {others_s * 1e6:.1f} µs of others")


if __name__ == "__main__":
    main()
