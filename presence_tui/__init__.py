"""presence-tui: live presence of a chat conversation in a terminal.

``presence-tui help library`` describes the store for use by other programs; ``.github/ARCHITECTURE.md``
describes the folders and the path of an event through them.
"""

import logging

__version__ = "0.1.0"

# A library must not write to the terminal, even less under a terminal application.
logging.getLogger(__name__).addHandler(logging.NullHandler())
