"""Fit text to a number of terminal cells."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size


def shortened(text: str, cells: int) -> str:
    """Shorten the text with an ellipsis if it does not fit."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 1)).rstrip() + "…"


def listed(texts: Sequence[str], cells: int) -> str:
    """Join as many texts as fit, and the number of the rest; the first is shortened."""
    for count in range(len(texts), 1, -1):
        text = ", ".join(texts[:count]) + _more(texts, count)
        if cell_len(text) <= cells:
            return text
    if not texts:
        return ""
    more = _more(texts, 1)
    return shortened(texts[0], cells - cell_len(more)) + more


def _more(texts: Sequence[str], count: int) -> str:
    return f" +{len(texts) - count}" if count < len(texts) else ""


def fitted(text: str, cells: int) -> str:
    """Shorten or pad the text to exactly ``cells``."""
    return set_cell_size(shortened(text, cells), cells)
