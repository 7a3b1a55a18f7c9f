"""Maps credentials to persons."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from presence_tui.gateway.directory import Directory, Membership, Person
from presence_tui.gateway.payloads import text_field
from presence_tui.gateway.tokens import LIFETIME_S, TokenExpired, TokenIssuer
from presence_tui.wire.profiles import MEESHY_2026, Profile


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
