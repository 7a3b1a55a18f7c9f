"""Every object with a credential masks it in its ``repr``."""

from collections.abc import Callable

import pytest
from rich.pretty import pretty_repr

from presence_tui.alerts.webhook import WebhookAddress
from presence_tui.cli.alert_settings import NotificationSettings
from presence_tui.cli.embedded_gateway import Ready
from presence_tui.cli.targets import Target
from presence_tui.gateway.access import Credentials, TokenIssuer
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.service.sign_ins import CodeAsked, SignedIn, SignInForm
from presence_tui.storage.saved_logins import SavedLogin, _Secrets
from presence_tui.store.clock import SystemClock
from presence_tui.transport.addresses import Address
from presence_tui.transport.authentication import Welcome
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.rest_client import Response
from presence_tui.tui.widgets.secret_input import SecretInput
from presence_tui.web.wallboard_site import Showing
from presence_tui.wire import responses
from presence_tui.wire.profiles import MEESHY_2026

SECRET = "zz-Sentinel-9q"
CREDENTIAL = Credential(CredentialKind.ACCOUNT, SECRET, SECRET)
ADDRESS = Address.parse("http://127.0.0.1:9")

HOLDERS: dict[str, Callable[[], object]] = {
    "credential": lambda: CREDENTIAL,
    "holder of it": lambda: CredentialHolder(CREDENTIAL),
    "target": lambda: Target(ADDRESS, CREDENTIAL, None, None),
    "welcome": lambda: Welcome(CREDENTIAL, "ada", "ada"),
    "sign-in": lambda: SavedLogin(
        "home", ADDRESS.url, CredentialKind.ACCOUNT, "ada", "ada", 1.0, secrets=_Secrets(SECRET, SECRET)
    ),
    "refresh": lambda: responses.Tokens(SECRET, SECRET),
    "login": lambda: responses.LoggedIn(responses.Tokens(SECRET, SECRET), None),
    "second factor": lambda: responses.SecondFactorAsked(SECRET),
    "login as it came": lambda: responses._LoginEnvelope(SECRET, SECRET, None, SECRET),
    "refresh as it came": lambda: responses._Refreshed(responses._TokenEnvelope(SECRET, SECRET)),
    "guest as it came": lambda: responses._GuestEnvelope(
        SECRET, responses._GuestParticipant("a"), responses._Identified("b")
    ),
    "sign-in as typed": lambda: SignInForm(ADDRESS.url, "ada", SECRET),
    "sign-in that needs a code": lambda: CodeAsked(
        SignInForm(ADDRESS.url, "ada", SECRET), ADDRESS, MEESHY_2026, responses.SecondFactorAsked(SECRET)
    ),
    "accepted sign-in": lambda: SignedIn(ADDRESS, CREDENTIAL),
    "password's change": lambda: SecretInput.Changed(SecretInput(), SECRET),
    "password's submission": lambda: SecretInput.Submitted(SecretInput(), SECRET),
    "password's blur": lambda: SecretInput.Blurred(SecretInput(), SECRET),
    "answer": lambda: Response(200, f'{{"token": "{SECRET}"}}'.encode(), 0.1),
    "webhook": lambda: WebhookAddress.parse(f"https://hooks.example/{SECRET}"),
    "webhook's secret": lambda: NotificationSettings(webhook_secret=SECRET),
    "embedded gateway": lambda: Ready(ADDRESS.url, SECRET, "c", "meeshy-2026"),
    "gateway's settings": lambda: GatewaySettings(secret=SECRET),
    "gateway's signer": lambda: TokenIssuer(SECRET, SystemClock()),
    "a client's offer": lambda: Credentials(SECRET, SECRET),
    "a browser's environment": lambda: Showing([], {"PRESENCE_TUI_TOKEN": SECRET}, {}, 1),
}


@pytest.mark.parametrize("make", HOLDERS.values(), ids=HOLDERS)
def test_no_credential_is_in_a_repr(make: Callable[[], object]) -> None:
    assert SECRET not in repr(make())
    assert SECRET not in str(make())
    assert SECRET not in pretty_repr(make())
