"""How bytes come and go: the socket feed, the REST source, credentials and TLS."""
