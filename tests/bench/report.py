"""Results of measurements, as rows of the table and as JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Result:
    """One row: a measurement and its baseline. ``ratio`` is ours divided by the baseline."""

    name: str
    ours: float
    unit: str
    goal: str
    met: bool
    baseline_name: str = ""
    baseline: float | None = None
    notes: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    """All other figures of the measurement, for the JSON."""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.baseline if self.baseline else None


def print_table(results: Iterable[Result], console: Console) -> None:
    """Print the table: what, baseline, ours, ratio, goal, met."""
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
    """Format a figure with its significant digits."""
    digits = 0 if figure >= 100 else 1 if figure >= 10 else 2
    return f"{figure:,.{digits}f} {unit}"


def times(ratio: float | None) -> str:
    """Format a ratio: ``6.2×``, or ``1/130`` where a fraction is clearer."""
    if ratio is None:
        return ""
    return f"1/{1 / ratio:.0f}" if 0 < ratio < 0.1 else f"{ratio:.2f}×"


def write_json(path: Path, **parts: object) -> None:
    """Write results for the plot and for later comparison; other parts of the file are kept."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(kept | parts, indent=2, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, Result):
        return {**asdict(value), "ratio": value.ratio}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
