"""Payloads of this client, and the two contract versions."""

import pytest

from presence_tui.wire import encode, names
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, PROFILES


def test_one_account_handshake_is_read_by_both_versions() -> None:
    assert encode.handshake_of_account("JWT") == {"token": "JWT", "authToken": "JWT", "tokenType": "jwt"}


def test_guest_token_never_travels_where_it_would_be_read_as_a_jwt() -> None:
    assert encode.handshake_of_guest("S") == {"sessionToken": "S", "sessionType": "anonymous"}


def test_request_for_recovery_has_session_and_offset() -> None:
    assert encode.recovery_request("P", "7") == {"pid": "P", "offset": "7"}


def test_headers_name_the_credential_by_its_kind() -> None:
    assert encode.headers_of_account("JWT") == {"Authorization": "Bearer JWT"}
    assert encode.headers_of_guest("S") == {"X-Session-Token": "S"}


def test_logging_out_names_the_session_where_there_is_one() -> None:
    assert encode.headers_of_session("JWT", "S") == {"Authorization": "Bearer JWT", "X-Session-Token": "S"}
    assert encode.headers_of_session("JWT", "") == encode.headers_of_account("JWT")


def test_logging_in_fits_the_contract() -> None:
    assert encode.login("ada", "secret") == {"username": "ada", "password": "secret"}
    assert encode.second_factor("short-lived", "246810") == {
        "twoFactorToken": "short-lived",
        "code": "246810",
    }


def test_a_refresh_takes_the_session_along_where_there_is_one() -> None:
    assert encode.refresh("JWT", "S") == {"token": "JWT", "sessionToken": "S"}
    assert encode.refresh("JWT", "") == {"token": "JWT"}


def test_hiding_and_showing_oneself() -> None:
    assert encode.online_status(False) == {"showOnlineStatus": False}
    assert encode.online_status(True, without_analytics=True) == {
        "showOnlineStatus": True,
        encode.ANALYTICS: False,
    }


def test_rooms_are_joined_by_conversation() -> None:
    assert encode.conversation_action("66dd") == {"conversationId": "66dd"}


@pytest.mark.parametrize(
    ("name", "username", "first", "last"),
    [
        ("Sam", "Sam", "Sam", "Sam"),
        ("Zoé Neuf", "Zoé_Neuf", "Zoé", "Neuf"),
        ("  Ada  van der  Berg ", "Ada_van_der_Berg", "Ada", "van der Berg"),
        ("x" * 80, "x" * 50, "x" * 50, "x" * 50),
        ("Sam " + "y" * 80, "Sam_" + "y" * 46, "Sam", "y" * 50),
    ],
)
def test_a_guest_joins_with_a_first_and_a_last_name(name: str, username: str, first: str, last: str) -> None:
    body = encode.guest_join(name, "fr")
    assert body == {"username": username, "firstName": first, "lastName": last, "language": "fr"}


def test_guest_name_fits_however_its_length_is_counted() -> None:
    """JavaScript counts an emoji as two characters, a JSON schema as one."""
    body = encode.guest_join("😀" * 26 + " " + "S" * 51, "fr")
    assert (body["firstName"], body["lastName"]) == ("😀" * 25, "S" * 50)
    assert body["username"] == "😀" * 25
    assert encode.guest_join("S" * 49 + "😀", "fr")["firstName"] == "S" * 49


def test_a_guest_leaves_by_its_session() -> None:
    assert encode.guest_leave("S") == {"sessionToken": "S"}


def test_profiles_are_found_by_name() -> None:
    assert PROFILES == {"meeshy-2026": MEESHY_2026, "meeshy-2025": MEESHY_2025}


def test_versions_differ_as_the_contract_says() -> None:
    assert (MEESHY_2026.rest_prefix, MEESHY_2025.rest_prefix) == ("/api/v1", "/api")
    assert (MEESHY_2026.sends_snapshot, MEESHY_2025.sends_snapshot) == (True, False)
    assert (MEESHY_2026.has_runtime_presence, MEESHY_2025.has_runtime_presence) == (True, False)
    assert (MEESHY_2026.roster_tells_presence, MEESHY_2025.roster_tells_presence) == (False, True)
    assert (MEESHY_2026.pages_participants, MEESHY_2025.pages_participants) == (True, False)
    assert (MEESHY_2026.refreshes_expired_tokens, MEESHY_2025.refreshes_expired_tokens) == (True, False)


def test_loss_is_seen_within_the_ping_window_of_each_version() -> None:
    windows = [one.ping_interval_s + one.ping_timeout_s for one in (MEESHY_2026, MEESHY_2025)]

    assert windows == [45, 35]


def test_what_the_client_says_is_not_what_it_hears() -> None:
    said = {names.AUTHENTICATE, names.CONVERSATION_JOIN, names.CONVERSATION_LEAVE, names.HEARTBEAT}

    assert said == {"authenticate", "conversation:join", "conversation:leave", "heartbeat"}
