"""The proxy for an address, the same for REST and the socket."""

import pytest

from presence_tui.transport.addresses import Address
from presence_tui.transport.proxies import BadProxy, proxy_for

GATE = Address.parse("https://gate.example:8443")
PLAIN = Address.parse("http://gate.example")


def chosen(address: Address, **variables: str) -> str | None:
    proxy = proxy_for(address, variables)
    return None if proxy is None else proxy.address.url


@pytest.mark.parametrize(
    ("address", "variables", "proxy"),
    [
        (GATE, {}, None),
        (GATE, {"https": "http://one:3128"}, "http://one:3128"),
        (GATE, {"http": "http://one:3128"}, None),
        (PLAIN, {"http": "http://one:3128"}, "http://one:3128"),
        (PLAIN, {"https": "http://one:3128"}, None),
        (GATE, {"all": "http://two:8080"}, "http://two:8080"),
        (GATE, {"all": "http://two:8080", "https": "http://one:3128"}, "http://one:3128"),
        (GATE, {"https": "", "all": "two:8080"}, "http://two:8080"),
        (GATE, {"https": "one:3128"}, "http://one:3128"),
        (GATE, {"https": "https://one"}, "https://one"),
        (GATE, {"https": " http://name:word@one:3128/ "}, "http://one:3128"),
        (GATE, {"ws": "http://one:3128", "wss": "http://one:3128"}, None),
        (Address.parse("http://127.0.0.1:3000"), {"http": "one:3128", "all": "one:3128"}, None),
        (Address.parse("http://[::1]:3000"), {"http": "one:3128"}, None),
        (Address.parse("http://localhost:3000"), {"all": "one:3128"}, None),
    ],
)
def test_the_proxy_is_that_of_the_scheme_or_of_all(
    address: Address, variables: dict[str, str], proxy: str | None
) -> None:
    assert chosen(address, **variables) == proxy


@pytest.mark.parametrize(
    ("excluded", "host", "is_excluded"),
    [
        ("*", "gate.example", True),
        ("gate.example", "gate.example", True),
        ("GATE.EXAMPLE", "gate.example", True),
        ("example", "gate.example", True),
        (".example", "gate.example", True),
        ("*.example", "gate.example", True),
        (" other.test , gate.example ", "gate.example", True),
        ("ate.example", "gate.example", False),
        ("gate.example:8443", "gate.example:8443", True),
        ("gate.example:8443", "gate.example:9000", False),
        ("gate.example.org", "gate.example", False),
        ("10.0.0.7", "10.0.0.7", True),
        ("10.0.0.0/8", "10.1.2.3:3000", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("0.0.0.7", "10.0.0.7", False),
        ("fd00::/8", "[fd00::7]:3000", True),
        ("[fd00::7]:3000", "[fd00::7]:3000", True),
        ("[fd00::7]:3001", "[fd00::7]:3000", False),
        ("gate.example.", "gate.example", True),
        ("gate.example", "gate.example.", True),
        ("other.test gate.example", "gate.example", True),
        ("other.test,\tgate.example\n", "gate.example", True),
        ("10.0.0.0/8:443", "10.1.2.3", True),
        ("10.0.0.0/8:80", "10.1.2.3", False),
        ("10.9.9.9/8", "10.1.2.3", True),
        ("10.0.0.0/99", "10.1.2.3", False),
        ("10.0.0.0/8", "gate.example", False),
        ("[fd00::]/8", "[fd00::7]:3000", True),
        ("[fd00::]/8:3001", "[fd00::7]:3000", False),
        ("[", "gate.example", False),
        (",,", "gate.example", False),
        (".", "gate.example", False),
        ("", "gate.example", False),
    ],
)
def test_no_proxy_names_hosts_domains_networks_and_ports(excluded: str, host: str, is_excluded: bool) -> None:
    variables = {"all": "http://one:3128", "no": excluded}
    assert (chosen(Address.parse(f"https://{host}"), **variables) is None) is is_excluded


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for name in ("https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert proxy_for(GATE) is None
    monkeypatch.setenv(variable, "http://one:3128")
    proxy = proxy_for(GATE)
    assert proxy is not None
    assert proxy.shown == "one:3128"
    monkeypatch.setenv("NO_PROXY", "gate.example")
    assert proxy_for(GATE) is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("socks5://one:1080", r"not supported \(socks5\)"),
        ("ftp://one", r"not supported \(ftp\)"),
        ("http://[::1", "no address"),
        ("http://one:port", "no address"),
        ("http://", "no address"),
        ("http://name:word@", "no address"),
        ("http://o\x1bne", "no address"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(url: str, says: str) -> None:
    with pytest.raises(BadProxy, match=says) as refusal:
        proxy_for(GATE, {"all": url})
    assert str(refusal.value).startswith("all_proxy ")
    assert "word" not in str(refusal.value)
    assert str(refusal.value).isprintable()


def test_a_name_and_a_password_go_into_a_header_and_are_not_shown() -> None:
    proxy = proxy_for(GATE, {"https": "http://na%40me:wo%3Ard@one:3128"})
    assert proxy is not None
    assert proxy.headers == {"Proxy-Authorization": "Basic bmFAbWU6d286cmQ="}
    assert "word" not in repr(proxy)
    assert "na" not in repr(proxy).replace("name", "")
    assert proxy_for(GATE, {"https": "one:3128"}).headers == {}  # type: ignore[union-attr]
