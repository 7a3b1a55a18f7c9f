"""Keeps a store current over one connection: connect, authenticate, resync, refresh, reconnect."""
