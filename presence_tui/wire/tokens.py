"""Reads the claims of a token. Signatures are not checked: only the gateway can."""

import base64
import binascii
import re
from typing import Final, TypeVar

import msgspec

from presence_tui.wire.sanitize import is_safe_id

_MAX_TOKEN_CHARS: Final = 16_384
_CARRIABLE: Final = re.compile(r"[\x21-\x7e]+")
"""What a header can carry: visible ASCII without spaces."""


Claims = TypeVar("Claims", bound=msgspec.Struct)


class _End(msgspec.Struct):
    exp: float | None = None


class _Owner(msgspec.Struct):
    user_id: str = msgspec.field(name="userId", default="")


def is_carriable(token: str) -> bool:
    """True for a token that a header can carry."""
    return _CARRIABLE.fullmatch(token) is not None


def token_expiry_s(token: str) -> float | None:
    """The Unix time of a JWT's ``exp``, or ``None`` for a token that is no JWT or names none.

    The answer to a login may promise a year where the JWT lives a day (wire contract, section 1.4), so
    the token itself is asked.
    """
    claims = _claims(token, _End)
    return claims.exp if claims else None


def token_owner(token: str) -> str:
    """The presence key of whom a JWT says it is of (wire contract, section 1.4); empty if it does not say."""
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
