"""Text made to fit a number of terminal cells."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size


def shortened(text: str, cells: int) -> str:
    """The text, or as much of it as fits with an ellipsis that says there is more."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 1)).rstrip() + "…"


def listed(texts: Sequence[str], cells: int) -> str:
    """As many of the texts as fit, and how many more there are; of the first, as much as fits."""
    for count in range(len(texts), 1, -1):
        said = ", ".join(texts[:count]) + _more(texts, count)
        if cell_len(said) <= cells:
            return said
    if not texts:
        return ""
    more = _more(texts, 1)
    return shortened(texts[0], cells - cell_len(more)) + more


def _more(texts: Sequence[str], count: int) -> str:
    return f" +{len(texts) - count}" if count < len(texts) else ""


def fitted(text: str, cells: int) -> str:
    """The text exactly ``cells`` wide: shortened, or filled up with spaces."""
    return set_cell_size(shortened(text, cells), cells)
