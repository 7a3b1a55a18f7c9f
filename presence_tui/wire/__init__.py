"""Names and payloads of both versions of the gateway's contract. Outside text is sanitized here, once."""
