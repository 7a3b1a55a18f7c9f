"""What this client says to a gateway."""

from typing import Final

SESSION_HEADER: Final = "X-Session-Token"


def handshake_of_account(token: str) -> dict[str, str]:
    """The Socket.IO ``auth`` object of an account; one that both versions read (section 1.2)."""
    return {"token": token, "authToken": token, "tokenType": "jwt"}


def handshake_of_guest(session_token: str) -> dict[str, str]:
    """The ``auth`` object of a guest. Under ``token`` it would be read as a broken JWT (section 1.2)."""
    return {"sessionToken": session_token, "sessionType": "anonymous"}


def headers_of_account(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def headers_of_guest(session_token: str) -> dict[str, str]:
    return {SESSION_HEADER: session_token}


def conversation_action(conversation_id: str) -> dict[str, str]:
    """Payload of ``conversation:join`` and ``conversation:leave``."""
    return {"conversationId": conversation_id}


def guest_join(name: str, language: str) -> dict[str, str]:
    """Body of ``/anonymous/join/:linkId``."""
    return {"username": name, "firstName": name, "lastName": "", "language": language}
