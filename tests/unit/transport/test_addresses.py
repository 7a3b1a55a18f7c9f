"""Parsing of typed addresses."""

import pytest

from presence_tui.transport.addresses import Address, BadAddress

GOOD = [
    # typed, scheme, host, port, path
    ("https://gate.example", "https", "gate.example", 443, ""),
    ("https://gate.example/", "https", "gate.example", 443, ""),
    ("https://gate.example:3000", "https", "gate.example", 3000, ""),
    ("http://gate.example", "http", "gate.example", 80, ""),
    ("HTTPS://Gate.Example", "https", "gate.example", 443, ""),
    ("  https://gate.example \n", "https", "gate.example", 443, ""),
    ("gate.example", "https", "gate.example", 443, ""),
    ("gate.example:3000", "https", "gate.example", 3000, ""),
    ("gate.example/chat", "https", "gate.example", 443, "/chat"),
    ("https://gate.example/a/b/", "https", "gate.example", 443, "/a/b"),
    ("localhost:3000", "http", "localhost", 3000, ""),
    ("demo.localhost", "http", "demo.localhost", 80, ""),
    ("127.0.0.1:3000", "http", "127.0.0.1", 3000, ""),
    ("127.9.9.9", "http", "127.9.9.9", 80, ""),
    ("[::1]:3000", "http", "::1", 3000, ""),
    ("http://[::1]", "http", "::1", 80, ""),
    ("https://[2001:db8::7]:8443/chat", "https", "2001:db8::7", 8443, "/chat"),
    ("[2001:db8::7]", "https", "2001:db8::7", 443, ""),
    ("192.0.2.7", "https", "192.0.2.7", 443, ""),
    ("localhost.example", "https", "localhost.example", 443, ""),
]

BAD = [
    "",
    "   ",
    "http://",
    "https://:3000",
    "ftp://gate.example",
    "ws://gate.example",
    "javascript://gate.example",
    "gate example",
    "http://gate\\example",
    "http://gate.example:port",
    "http://gate.example:99999",
    "http://gate.example:-1",
    "http://[::1",
    "::1",
    "https://gate.example?token=1",
    "https://gate.example/#top",
    "//gate.example",
]


@pytest.mark.parametrize(("typed", "scheme", "host", "port", "path"), GOOD)
def test_what_people_type_is_understood(typed: str, scheme: str, host: str, port: int, path: str) -> None:
    assert Address.parse(typed) == Address(scheme, host, port, path)


@pytest.mark.parametrize("typed", BAD)
def test_an_invalid_address_is_reported_in_a_sentence(typed: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        Address.parse(typed)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("typed", [good[0] for good in GOOD])
def test_the_url_of_an_address_is_the_same_address(typed: str) -> None:
    address = Address.parse(typed)
    assert Address.parse(address.url) == address
    assert not address.url.endswith("/")


@pytest.mark.parametrize(
    ("typed", "url", "shown"),
    [
        ("https://gate.example:443", "https://gate.example", "gate.example"),
        ("http://gate.example:443", "http://gate.example:443", "gate.example:443"),
        ("http://gate.example:80/chat", "http://gate.example/chat", "gate.example"),
        ("http://[::1]:3000", "http://[::1]:3000", "[::1]:3000"),
        ("https://[::1]", "https://[::1]", "[::1]"),
    ],
)
def test_the_usual_port_and_brackets_are_as_in_a_browser(typed: str, url: str, shown: str) -> None:
    address = Address.parse(typed)
    assert (address.url, address.shown) == (url, shown)


@pytest.mark.parametrize(
    ("typed", "here"),
    [
        ("localhost", True),
        ("demo.localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.3", True),
        ("[::1]", True),
        ("notlocalhost", False),
        ("localhost.example", False),
        ("128.0.0.1", False),
        ("[2001:db8::1]", False),
        ("0.0.0.0", False),
    ],
)
def test_only_this_machine_is_loopback(typed: str, here: bool) -> None:
    address = Address.parse(typed)
    assert address.is_loopback is here
    assert address.is_secure is not here


@pytest.mark.parametrize(
    "typed", ["https://ada:hunter2@gate.example", "ftp://ada:hunter2@gate.example", "//x:hunter2@gate:bad"]
)
def test_a_password_in_an_address_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        Address.parse(typed)
    assert "hunter2" not in str(refusal.value)


def test_a_complaint_cannot_drive_the_terminal() -> None:
    with pytest.raises(BadAddress) as refusal:
        Address.parse("ftp://\x1b]0;owned\x07")
    assert "\x1b" not in str(refusal.value)


def test_port_zero_is_no_port() -> None:
    with pytest.raises(BadAddress):
        Address.parse("http://gate.example:0")


def test_a_missing_slash_does_not_make_the_scheme_a_host() -> None:
    with pytest.raises(BadAddress):
        Address.parse("https:/gate.example")


def test_an_invisible_character_does_not_lead_to_another_host() -> None:
    with pytest.raises(BadAddress):
        Address.parse("http://gate\u202e.example")


@pytest.mark.parametrize("typed", ["http://gate.example", "http://192.0.2.7:3000", "http://[2001:db8::7]"])
def test_a_token_that_others_could_read_on_the_way_is_warned_of(typed: str) -> None:
    assert "not encrypted" in str(Address.parse(typed).warning)


@pytest.mark.parametrize(
    "typed", ["https://gate.example", "http://127.0.0.1", "localhost:3000", "[::1]:3000"]
)
def test_encryption_and_this_machine_need_no_warning(typed: str) -> None:
    assert Address.parse(typed).warning is None
