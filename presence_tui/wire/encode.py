"""Encodes what this client sends to a gateway."""

from typing import Final

SESSION_HEADER: Final = "X-Session-Token"
_GUEST_NAME_CHARS: Final = 50


def handshake_of_account(token: str) -> dict[str, str]:
    """The Socket.IO ``auth`` object of an account; one that both versions read (section 1.2)."""
    return {"token": token, "authToken": token, "tokenType": "jwt"}


def handshake_of_guest(session_token: str) -> dict[str, str]:
    """The ``auth`` object of a guest. Under ``token`` it would be read as a broken JWT (section 1.2)."""
    return {"sessionToken": session_token, "sessionType": "anonymous"}


def headers_of_account(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def headers_of_session(token: str, session_token: str) -> dict[str, str]:
    """An account that tells which of its sessions is meant, as a logout does (section 3.2)."""
    session = {SESSION_HEADER: session_token} if session_token else {}
    return {**headers_of_account(token), **session}


def headers_of_guest(session_token: str) -> dict[str, str]:
    return {SESSION_HEADER: session_token}


def conversation_action(conversation_id: str) -> dict[str, str]:
    """Payload of ``conversation:join`` and ``conversation:leave``."""
    return {"conversationId": conversation_id}


def guest_join(name: str, language: str) -> dict[str, str]:
    """Body of ``/anonymous/join/:linkId``, which needs a first and a last name (section 1.4).

    The last name of somebody who gives one word is that word again. Others see the user name.
    """
    words = name.split() or [name]
    first, last = words[0], " ".join(words[1:]) or words[0]
    return {
        "username": "_".join(words)[:_GUEST_NAME_CHARS],
        "firstName": first[:_GUEST_NAME_CHARS],
        "lastName": last[:_GUEST_NAME_CHARS],
        "language": language,
    }


def guest_leave(session_token: str) -> dict[str, str]:
    """Body of ``/anonymous/leave``, which looks for the session there and not in a header."""
    return {"sessionToken": session_token}


def login(user: str, password: str) -> dict[str, str]:
    """Body of ``/auth/login``; ``user`` is a user name or an e-mail address (section 3.2)."""
    return {"username": user, "password": password}


def second_factor(challenge: str, code: str) -> dict[str, str]:
    """Body of ``/auth/login/2fa`` (section 3.2)."""
    return {"twoFactorToken": challenge, "code": code}


def refresh(token: str, session_token: str) -> dict[str, str]:
    """Body of ``/auth/refresh``; the session goes along where there is one (section 1.4)."""
    return {"token": token} | ({"sessionToken": session_token} if session_token else {})


def online_status(shown: bool) -> dict[str, bool]:
    """Body of ``/me/preferences/privacy`` that shows or hides the account (section 2.6)."""
    return {"showOnlineStatus": shown}
