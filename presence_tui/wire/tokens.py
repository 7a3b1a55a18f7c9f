"""What a token says of itself. Nothing here checks a signature: only the gateway can."""

import base64
import binascii
import re
from typing import Final

import msgspec

_MAX_TOKEN_CHARS: Final = 16_384
_CARRIABLE: Final = re.compile(r"[\x21-\x7e]+")
"""What a header can carry: visible ASCII without spaces."""


class _Claims(msgspec.Struct):
    exp: float | None = None


def is_carriable(token: str) -> bool:
    """True for a token that a header can carry."""
    return _CARRIABLE.fullmatch(token) is not None


def token_expiry_s(token: str) -> float | None:
    """The Unix time of a JWT's ``exp``, or ``None`` for a token that is no JWT or names none.

    The answer to a login may promise a year where the JWT lives a day (wire contract, section 1.4), so
    the token itself is asked.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _MAX_TOKEN_CHARS:
        return None
    payload = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(payload), type=_Claims).exp
    except (binascii.Error, ValueError, RecursionError):
        return None
