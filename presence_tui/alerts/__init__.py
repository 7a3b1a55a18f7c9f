"""Alert rules over the store, and the channels that deliver alerts."""
