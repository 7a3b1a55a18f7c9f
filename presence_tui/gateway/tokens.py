"""JSON Web Tokens with HS256 (wire contract, section 1.4)."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from presence_tui.gateway.directory import Person
from presence_tui.store.clock import Clock

LIFETIME_S = 86_400.0
_HEADER = {"alg": "HS256", "typ": "JWT"}


class TokenRefused(Exception):
    """The token is malformed or its signature is not ours."""


class TokenExpired(Exception):
    """The token is genuine but expired. ``user_id`` is its account."""

    def __init__(self, user_id: str) -> None:
        super().__init__("jwt expired")
        self.user_id = user_id


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Mints and verifies tokens with one secret."""

    secret: str = field(repr=False)
    clock: Clock

    def mint(self, person: Person, lifetime_s: float = LIFETIME_S, era: int = 0, forged: bool = False) -> str:
        """Mint a token for an account. ``forged`` signs it with another secret."""
        now_s = self.clock.stamp().wall_s
        claims = {
            "userId": person.key,
            "username": person.handle,
            "role": person.global_role,
            "era": era,
            "iat": int(now_s),
            "exp": int(now_s + lifetime_s),
        }
        signed = f"{_pack(_HEADER)}.{_pack(claims)}"
        return f"{signed}.{self._signature(signed, 'forger' if forged else self.secret)}"

    def read(self, token: str, era: int = 0) -> str:
        """The user id of a valid token.

        Raises ``TokenRefused``, or ``TokenExpired`` for a genuine token past its expiry or era.
        """
        signed, _, signature = token.rpartition(".")
        genuine = self._signature(signed, self.secret).encode()
        if not hmac.compare_digest(genuine, signature.encode("utf-8", "replace")):
            raise TokenRefused("invalid signature")
        claims = _unpack(signed.rpartition(".")[2])
        user_id, expires_s = claims.get("userId"), claims.get("exp")
        if not isinstance(user_id, str) or not isinstance(expires_s, int | float):
            raise TokenRefused("missing claims")
        if expires_s <= self.clock.stamp().wall_s or claims.get("era") != era:
            raise TokenExpired(user_id)
        return user_id

    def _signature(self, signed: str, secret: str) -> str:
        return _base64url(
            hmac.new(secret.encode(), signed.encode("utf-8", "replace"), hashlib.sha256).digest()
        )


def _pack(part: Mapping[str, object]) -> str:
    return _base64url(json.dumps(part, separators=(",", ":")).encode())


def _unpack(part: str) -> dict[str, object]:
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise TokenRefused("jwt malformed") from error
    if not isinstance(claims, dict):
        raise TokenRefused("jwt malformed")
    return claims


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
