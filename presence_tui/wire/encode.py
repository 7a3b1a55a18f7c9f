"""Encodes payloads sent to a gateway."""

from typing import Final

SESSION_HEADER: Final = "X-Session-Token"
ANALYTICS: Final = "allowAnalytics"
"""A preference that needs consent to data processing (section 3.7)."""
_GUEST_NAME_CHARS: Final = 50


def handshake_of_account(token: str) -> dict[str, str]:
    """The Socket.IO ``auth`` object of an account, for both versions (section 1.2)."""
    return {"token": token, "authToken": token, "tokenType": "jwt"}


def handshake_of_guest(session_token: str) -> dict[str, str]:
    """The ``auth`` object of a guest. Under ``token`` it would be read as a broken JWT (section 1.2)."""
    return {"sessionToken": session_token, "sessionType": "anonymous"}


def recovery_request(pid: str, offset: str) -> dict[str, str]:
    """What the ``auth`` object also has where a lost connection is to be recovered."""
    return {"pid": pid, "offset": offset}


def headers_of_account(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def headers_of_session(token: str, session_token: str) -> dict[str, str]:
    """Headers of an account that identify one of its sessions, as for a logout (section 3.2)."""
    session = {SESSION_HEADER: session_token} if session_token else {}
    return {**headers_of_account(token), **session}


def headers_of_guest(session_token: str) -> dict[str, str]:
    return {SESSION_HEADER: session_token}


def conversation_action(conversation_id: str) -> dict[str, str]:
    """Payload of ``conversation:join`` and ``conversation:leave``."""
    return {"conversationId": conversation_id}


def guest_join(name: str, language: str) -> dict[str, str]:
    """Body of ``/anonymous/join/:linkId``, which requires a first and a last name (section 1.4).

    A single word is used for both. Other members see the user name.
    """
    words = name.split() or [name]
    first, last = words[0], " ".join(words[1:]) or words[0]
    return {
        "username": _within("_".join(words)),
        "firstName": _within(first),
        "lastName": _within(last),
        "language": language,
    }


def _within(name: str) -> str:
    """Cut to what fits as JavaScript counts: two for each character beyond the basic plane."""
    return name.encode("utf-16-le", "replace")[: 2 * _GUEST_NAME_CHARS].decode("utf-16-le", "ignore")


def guest_leave(session_token: str) -> dict[str, str]:
    """Body of ``/anonymous/leave``, which expects the session there, not in a header."""
    return {"sessionToken": session_token}


def login(user: str, password: str) -> dict[str, str]:
    """Body of ``/auth/login``; ``user`` is a user name or an e-mail address (section 3.2)."""
    return {"username": user, "password": password}


def second_factor(challenge: str, code: str) -> dict[str, str]:
    """Body of ``/auth/login/2fa`` (section 3.2)."""
    return {"twoFactorToken": challenge, "code": code}


def refresh(token: str, session_token: str) -> dict[str, str]:
    """Body of ``/auth/refresh``, with the session if there is one (section 1.4)."""
    return {"token": token} | ({"sessionToken": session_token} if session_token else {})


def online_status(shown: bool, *, without_analytics: bool = False) -> dict[str, bool]:
    """Body of ``/me/preferences/privacy`` that shows or hides the account (section 2.6).

    ``without_analytics`` turns those off, which need a consent that the account may not have given.
    """
    status = {"showOnlineStatus": shown}
    return {**status, ANALYTICS: False} if without_analytics else status
