"""presence-tui: live presence of a chat conversation in a terminal.

The folders are the map, in the order in which data walks through them: ``transport`` brings bytes,
``wire`` makes them safe and typed, ``monitor`` decides what they mean, ``store`` keeps what is true
now, and ``tui`` and ``cli`` show it. ``domain`` holds the rules they all share.
"""

import logging

__version__ = "0.1.0"

# A library must not write to the terminal, even less under a terminal application.
logging.getLogger(__name__).addHandler(logging.NullHandler())
