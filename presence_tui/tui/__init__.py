"""The screen: widgets over the store, commands, styles and languages. Opens no socket."""

import os

# Before Textual reads it: how many milliseconds after esc it waits whether an arrow key is meant. With its
# own 100, esc could never be answered within a tenth of a second. tmux, which asks the same, waits 10.
os.environ.setdefault("ESCDELAY", "25")
