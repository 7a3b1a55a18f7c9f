"""For all tests: a clean start, whoever started them."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell makes what it runs in the background ignore ctrl-c, and so would every command that is tested.
    signal.signal(signal.SIGINT, signal.default_int_handler)
