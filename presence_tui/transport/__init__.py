"""Connections to the gateway: the socket feed, the REST source, credentials and TLS."""
