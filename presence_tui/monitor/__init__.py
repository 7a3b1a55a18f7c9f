"""One watch: connect, authenticate, resync, refresh, reconnect, and know when it is stale. No screen."""
