"""Compares what the socket told, what the gateway's runtime says, and what the rule derives."""
