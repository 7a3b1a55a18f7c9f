"""Who a client is: tokens and second factors of accounts, and sessions (wire contract, sections 1.4, 3.2)."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from presence_tui.gateway.directory import Directory, Membership, Person
from presence_tui.gateway.payloads import text_field
from presence_tui.store.clock import Clock
from presence_tui.wire.profiles import MEESHY_2026, Profile

LIFETIME_S = 86_400.0
"""Of a token."""

CODE = "246810"
"""Code of every account; like the password, it protects only invented persons."""
CHALLENGE_S = 300.0
TRIES = 5

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
    """Mints and verifies JSON Web Tokens (HS256) with one secret."""

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


class CodeRefused(Exception):
    """The code is wrong; another may be tried."""


class ChallengeOver(Exception):
    """The challenge has expired, has no tries left, or never existed."""


@dataclass(slots=True)
class _Challenge:
    person: Person
    ends_s: float
    tries_left: int = TRIES


class SecondFactors:
    """Login challenges that wait for a code."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, _Challenge] = {}

    def challenge(self, person: Person) -> str:
        """Create a challenge and return its token, which the client sends with the code."""
        now_s = self._clock.stamp().wall_s
        self._open = {token: each for token, each in self._open.items() if each.ends_s > now_s}
        token = secrets.token_urlsafe(24)
        self._open[token] = _Challenge(person, now_s + CHALLENGE_S)
        return token

    def confirm(self, token: str, code: str) -> Person:
        """Close a challenge and return its person. Raises ``CodeRefused`` or ``ChallengeOver``."""
        challenge = self._open.get(token)
        if challenge is None or challenge.ends_s <= self._clock.stamp().wall_s or not challenge.tries_left:
            self._open.pop(token, None)
            raise ChallengeOver
        if code != CODE:
            challenge.tries_left -= 1
            raise CodeRefused
        del self._open[token]
        return challenge.person


class UnknownAccount(Exception):
    """The token is valid, but its account does not exist."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials of a client: an account's token, a guest's session token, both or neither."""

    token: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.token is not None or self.session_token is not None


class Access:
    """Tokens of accounts and sessions of guests."""

    def __init__(self, directory: Directory, issuer: TokenIssuer) -> None:
        self._directory = directory
        self._issuer = issuer
        self._era = 0
        self._guests: dict[str, Membership] = {}
        self._sessions: dict[str, Person] = {}

    def mint(self, person: Person, lifetime_s: float = LIFETIME_S, forged: bool = False) -> str:
        """Mint a token for an account."""
        return self._issuer.mint(person, lifetime_s, self._era, forged)

    def expire_tokens(self) -> None:
        """Make all tokens minted so far expired."""
        self._era += 1

    def account(self, token: str, accept_expired: bool = False) -> Person:
        """The account of a token. Raises ``TokenRefused``, ``TokenExpired`` or ``UnknownAccount``."""
        try:
            user_id = self._issuer.read(token, self._era)
        except TokenExpired as expired:
            if not accept_expired:
                raise
            user_id = expired.user_id
        person = self._directory.people.get(user_id)
        if person is None or person.guest:
            raise UnknownAccount(user_id)
        return person

    def open_session(self, person: Person) -> str:
        """Open a session of an account and return its token, of which only the hash is stored."""
        token = secrets.token_hex(24)
        self._sessions[_digest(token)] = person
        return token

    def renew_session(self, person: Person, session_token: str) -> str | None:
        """Replace a session token; ``None`` if it is not a session of the account.

        The contract does not say whether the old one stays valid. Here it does not, the harder case.
        """
        if self._sessions.pop(_digest(session_token), None) is not person:
            return None
        return self.open_session(person)

    def close_session(self, session_token: str) -> None:
        self._sessions.pop(_digest(session_token), None)

    def open_guest_session(self, guest: Membership) -> str:
        """Open a session of a guest and return its token, of which only the hash is stored."""
        token = secrets.token_hex(24)
        self._guests[_digest(token)] = guest
        return token

    def guest(self, session_token: str) -> Membership | None:
        """Return the guest of a session, or ``None`` if it has ended."""
        return self._guests.get(_digest(session_token))

    def close_guest_sessions_of(self, person: Person) -> None:
        """End all sessions of a guest."""
        ended = [digest for digest, guest in self._guests.items() if guest.person is person]
        for digest in ended:
            del self._guests[digest]

    def close_guest_session(self, session_token: str) -> None:
        self._guests.pop(_digest(session_token), None)


def handshake_credentials(profile: Profile, auth: object, headers: Mapping[str, str]) -> Credentials:
    """Read the credentials of a handshake, in the order of each version (wire contract, section 1.2).

    ``headers`` is case-insensitive.
    """
    offered = auth if isinstance(auth, dict) else {}
    bearer = headers.get("Authorization", "").removeprefix("Bearer ") or None
    session_header = headers.get("X-Session-Token") or None
    if profile is MEESHY_2026:
        return Credentials(
            token=text_field(offered, "token") or text_field(offered, "authToken") or bearer,
            session_token=text_field(offered, "sessionToken") or session_header,
        )
    token = bearer or text_field(offered, "authToken") or text_field(offered, "token")
    session_token = session_header or text_field(offered, "sessionToken")
    return Credentials(
        token=token if offered.get("tokenType", "jwt") == "jwt" else None,
        session_token=session_token if offered.get("sessionType", "anonymous") == "anonymous" else None,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
