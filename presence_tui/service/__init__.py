"""The running monitor as one object: state, events and commands, without a user interface."""
