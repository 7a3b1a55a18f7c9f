"""Tokens in a gateway's format, with an invalid signature."""

import base64
import json
from typing import Any


def token(expires_s: float | None = None, **claims: Any) -> str:
    """A JWT; ``expires_s`` is the Unix time of its expiry, or ``None`` for none."""
    if expires_s is not None:
        claims["exp"] = expires_s
    return ".".join((_part({"alg": "HS256", "typ": "JWT"}), _part(claims), "signature"))


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
