"""What a measurement found, as a row of the table and as JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Result:
    """One row: what was measured against what. ``ratio`` is ours by the baseline's."""

    name: str
    ours: float
    unit: str
    goal: str
    met: bool
    baseline_name: str = ""
    baseline: float | None = None
    notes: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    """Every other figure of the measurement, for the JSON."""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.baseline if self.baseline else None


def print_table(results: Iterable[Result], console: Console) -> None:
    """The one table: what, baseline, ours, ratio, goal, met."""
    table = Table(show_lines=True)
    for heading in ("what", "baseline", "ours", "ratio", "goal", "met?"):
        table.add_column(heading, justify="right" if heading in ("ours", "ratio") else "left")
    for result in results:
        baseline = ""
        if result.baseline is not None:
            baseline = f"{result.baseline_name}\n{amount(result.baseline, result.unit)}"
        table.add_row(
            "\n".join([result.name, *(f"[dim]{note}[/]" for note in result.notes)]),
            baseline,
            amount(result.ours, result.unit),
            times(result.ratio),
            result.goal,
            "[green]yes[/]" if result.met else "[red]no[/]",
        )
    console.print(table)


def amount(figure: float, unit: str) -> str:
    """A figure with as many digits as mean something."""
    digits = 0 if figure >= 100 else 1 if figure >= 10 else 2
    return f"{figure:,.{digits}f} {unit}"


def times(ratio: float | None) -> str:
    """``6.2×``, or ``1/130`` where the fraction says more."""
    if ratio is None:
        return ""
    return f"1/{1 / ratio:.0f}" if 0 < ratio < 0.1 else f"{ratio:.2f}×"


def write_json(path: Path, **parts: object) -> None:
    """What was measured, for the plot and for comparing one day with another; other parts stay."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(kept | parts, indent=2, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, Result):
        return {**asdict(value), "ratio": value.ratio}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
