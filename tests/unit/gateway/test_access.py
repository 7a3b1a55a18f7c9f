"""The order in which each version reads credentials (wire contract, section 1.2)."""

import pytest
from multidict import CIMultiDict

from presence_tui.gateway.access import Credentials, handshake_credentials
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026

HEADERS = {"Authorization": "Bearer from-header", "X-Session-Token": "session-header"}


@pytest.mark.parametrize(
    ("auth", "headers", "found"),
    [
        ({"token": "t", "authToken": "a"}, HEADERS, Credentials("t", "session-header")),
        ({"authToken": "a"}, HEADERS, Credentials("a", "session-header")),
        ({}, HEADERS, Credentials("from-header", "session-header")),
        ({"sessionToken": "s"}, HEADERS, Credentials("from-header", "s")),
        ({"sessionToken": "s"}, {}, Credentials(None, "s")),
        ({}, {"authorization": "bare"}, Credentials("bare", None)),
        (None, {}, Credentials()),
        ("text", {}, Credentials()),
        ({"token": 7, "authToken": ["x"], "sessionToken": ""}, {}, Credentials()),
    ],
)
def test_2026(auth: object, headers: dict[str, str], found: Credentials) -> None:
    assert handshake_credentials(MEESHY_2026, auth, CIMultiDict(headers)) == found


@pytest.mark.parametrize(
    ("auth", "headers", "found"),
    [
        ({"token": "t", "authToken": "a"}, HEADERS, Credentials("from-header", "session-header")),
        ({"token": "t", "authToken": "a"}, {}, Credentials("a", None)),
        ({"token": "t", "tokenType": "jwt"}, {}, Credentials("t", None)),
        ({"token": "t", "tokenType": "opaque"}, {}, Credentials()),
        ({"sessionToken": "s", "sessionType": "anonymous"}, {}, Credentials(None, "s")),
        ({"sessionToken": "s", "sessionType": "other"}, {}, Credentials()),
    ],
)
def test_2025(auth: object, headers: dict[str, str], found: Credentials) -> None:
    assert handshake_credentials(MEESHY_2025, auth, CIMultiDict(headers)) == found


def test_credentials_are_false_when_there_are_none() -> None:
    assert not Credentials()
    assert Credentials(token="t")
    assert Credentials(session_token="s")
