"""The screen: widgets over the store, commands and styles. Opens no socket."""

import os

# Milliseconds to wait after esc for the rest of a sequence; set before Textual reads it. Its own default of
# 100 would delay every esc by a tenth of a second. tmux waits 10.
os.environ.setdefault("ESCDELAY", "25")
