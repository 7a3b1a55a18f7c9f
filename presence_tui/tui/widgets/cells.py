"""Text made to fit a number of terminal cells."""

from rich.cells import cell_len, set_cell_size


def shortened(text: str, cells: int) -> str:
    """The text, or as much of it as fits with an ellipsis that says there is more."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 1)).rstrip() + "…"


def fitted(text: str, cells: int) -> str:
    """The text exactly ``cells`` wide: shortened, or filled up with spaces."""
    return set_cell_size(shortened(text, cells), cells)
