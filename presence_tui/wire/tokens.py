"""Reads the claims of a token. Only the gateway can check its signature."""

import base64
import binascii
import re
from typing import Final, TypeVar

import msgspec

from presence_tui.wire.sanitize import is_safe_id

_MAX_TOKEN_CHARS: Final = 16_384
_CARRIABLE: Final = re.compile(r"[\x21-\x7e]+")
"""Characters allowed in a header value: visible ASCII without spaces."""


Claims = TypeVar("Claims", bound=msgspec.Struct)


class _End(msgspec.Struct):
    exp: float | None = None


class _Owner(msgspec.Struct):
    user_id: str = msgspec.field(name="userId", default="")


def is_carriable(token: str) -> bool:
    """True for a token that fits into a header."""
    return _CARRIABLE.fullmatch(token) is not None


def token_expiry_s(token: str) -> float | None:
    """The Unix time of a JWT's ``exp``, or ``None`` if it has none or is not a JWT.

    A login may report a year although the JWT lives a day (wire contract, section 1.4), so
    the token decides.
    """
    claims = _claims(token, _End)
    return claims.exp if claims else None


def token_owner(token: str) -> str:
    """The presence key in a JWT (wire contract, section 1.4); empty if it has none."""
    claims = _claims(token, _Owner)
    return claims.user_id if claims and is_safe_id(claims.user_id) else ""


def _claims(token: str, shape: type[Claims]) -> Claims | None:
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _MAX_TOKEN_CHARS:
        return None
    payload = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(payload), type=shape)
    except (binascii.Error, ValueError, RecursionError):
        return None
