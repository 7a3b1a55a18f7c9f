"""Names and shapes of both versions of the gateway's contract; outside text becomes safe here, once."""
