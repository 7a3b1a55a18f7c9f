"""The running monitor as one object: its state, its events, its commands. It knows no screen."""
