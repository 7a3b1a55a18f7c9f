"""Saved logins: stored privately, found again, and shared by several processes."""

import asyncio
import json
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from presence_tui.domain.translatable import phrase
from presence_tui.storage.keyrings import Keyring, NoKeyring
from presence_tui.storage.saved_logins import BadSavedLogin, SavedLogin, SavedLogins, is_login_name
from presence_tui.transport.credentials import Credential, CredentialError, CredentialKind
from tests.unit.transport.jwt import token

NOW_S = 1_800_000_000.0
SECRET = token(NOW_S + 3_600)
CREDENTIAL = Credential(CredentialKind.ACCOUNT, SECRET, "a-session-of-ours")
HARBOUR = SavedLogin("harbour", "https://gate.example", CredentialKind.ACCOUNT, "66aa01", "ada", NOW_S)


class Drawer(Keyring):
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_there = True

    def get(self, name: str) -> str | None:
        if not self.is_there:
            raise NoKeyring(phrase("There is no keyring."))
        return self.kept.get(name)

    def set(self, name: str, secret: str) -> None:
        self.get(name)
        self.kept[name] = secret

    def delete(self, name: str) -> None:
        self.get(name)
        self.kept.pop(name, None)


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def saved_logins(tmp_path: Path, drawer: Drawer) -> SavedLogins:
    return SavedLogins(tmp_path / "gateways", drawer)


def found(saved_logins: SavedLogins, name: str = "harbour") -> SavedLogin:
    saved_login = saved_logins.find(name)
    assert saved_login is not None
    return saved_login


@pytest.mark.parametrize("in_keyring", [True, False])
def test_what_is_kept_is_found_again(saved_logins: SavedLogins, drawer: Drawer, in_keyring: bool) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=in_keyring)
    kept = found(saved_logins)
    assert replace(kept, secrets=None) == replace(HARBOUR, expires_s=NOW_S + 3_600, in_keyring=in_keyring)
    assert saved_logins.credential(kept) == CREDENTIAL
    path = saved_logins.path("harbour")
    assert (SECRET in path.read_text()) is not in_keyring
    assert ("harbour" in drawer.kept) is in_keyring
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SECRET not in repr(kept)


def test_a_guest_is_kept_with_its_conversation(saved_logins: SavedLogins) -> None:
    guest = replace(HARBOUR, kind=CredentialKind.GUEST, conversation="66dd01", ca_file="/ca.pem")
    saved_logins.save(guest, Credential(CredentialKind.GUEST, "session"), in_keyring=False)
    kept = found(saved_logins)
    assert (kept.conversation, kept.expires_s, kept.trusted_file) == ("66dd01", None, Path("/ca.pem"))
    assert saved_logins.credential(kept) == Credential(CredentialKind.GUEST, "session")


def test_the_newest_comes_first_and_the_damaged_not_at_all(saved_logins: SavedLogins) -> None:
    for place, name in enumerate(("a", "c", "b")):
        saved_login = replace(HARBOUR, name=name, signed_in_s=NOW_S + place)
        saved_logins.save(saved_login, CREDENTIAL, in_keyring=False)
    saved_logins.path("c").write_text("{")
    (saved_logins.path("c").parent / "notes.txt").write_text("no sign-in")
    (saved_logins.path("c").parent / "-x.json").write_text("no name of one")
    assert saved_logins.names() == ["a", "b", "c"]
    assert [saved_login.name for saved_login in saved_logins.readable()] == ["b", "a"]


def test_nothing_is_kept_before_the_first(saved_logins: SavedLogins) -> None:
    assert (saved_logins.names(), saved_logins.readable(), saved_logins.find("harbour")) == ([], [], None)


@pytest.mark.parametrize(
    "name", ["", "-x", "../harbour", "a/b", "a b", "é", "x" * 64, "https://gate.example"]
)
def test_a_name_leads_to_no_other_folder(saved_logins: SavedLogins, name: str) -> None:
    assert not is_login_name(name)
    assert saved_logins.find(name) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"name":"harbour"}'])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_damaged_login_is_reported_and_can_be_removed(
    saved_logins: SavedLogins, drawer: Drawer, content: bytes, is_there: bool
) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    saved_logins.path("harbour").write_bytes(content)
    with pytest.raises(BadSavedLogin, match="presence-tui logout harbour"):
        saved_logins.find("harbour")
    drawer.is_there = is_there
    saved_logins.remove("harbour")
    assert saved_logins.names() == []


def test_one_that_others_can_read_is_refused(saved_logins: SavedLogins) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    saved_logins.path("harbour").chmod(0o640)
    with pytest.raises(BadSavedLogin, match="chmod 600"):
        saved_logins.find("harbour")


@pytest.mark.parametrize("secret", [None, "", "no JSON", '{"session":"s"}'])
def test_a_secret_that_is_gone_from_the_keyring_asks_for_a_new_sign_in(
    saved_logins: SavedLogins, drawer: Drawer, secret: str | None
) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    drawer.kept = {} if secret is None else {"harbour": secret}
    with pytest.raises(BadSavedLogin, match="Sign in again"):
        saved_logins.credential(found(saved_logins))


def test_without_a_keyring_nothing_is_written_in_its_stead(saved_logins: SavedLogins, drawer: Drawer) -> None:
    drawer.is_there = False
    with pytest.raises(NoKeyring):
        saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    assert saved_logins.names() == []


def test_a_sign_in_that_moves_to_a_file_leaves_nothing_in_the_keyring(
    saved_logins: SavedLogins, drawer: Drawer
) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    assert drawer.kept == {}
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    drawer.is_there = False
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    assert not found(saved_logins).in_keyring


def test_a_removed_one_is_gone_from_everywhere(saved_logins: SavedLogins, drawer: Drawer) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    saved_logins.remove("harbour")
    assert (saved_logins.names(), drawer.kept) == ([], {})
    saved_logins.remove("harbour")


def test_a_keyring_that_is_gone_is_told_after_the_file_is_removed(
    saved_logins: SavedLogins, drawer: Drawer
) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    drawer.is_there = False
    with pytest.raises(NoKeyring):
        saved_logins.remove("harbour")
    assert saved_logins.names() == []


def test_what_cannot_be_written_or_removed_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    blocked = SavedLogins(tmp_path / "file", Drawer())
    with pytest.raises(CredentialError, match="cannot be written") as trouble:
        blocked.save(HARBOUR, CREDENTIAL, in_keyring=False)
    assert SECRET not in str(trouble.value)
    with pytest.raises(CredentialError, match="cannot be"):
        blocked.remove("harbour")


# --- in use ---


async def test_a_refreshed_token_is_kept_with_what_else_is_known(saved_logins: SavedLogins) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    place = saved_logins.credential_store("harbour")
    renewed = Credential(CredentialKind.ACCOUNT, token(NOW_S + 7_200), "another-session")
    place.write(renewed)
    assert place.read() == renewed
    kept = found(saved_logins)
    assert (kept.handle, kept.expires_s) == ("ada", NOW_S + 7_200)


async def test_a_concurrent_logout_stays_in_effect(saved_logins: SavedLogins) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    place = saved_logins.credential_store("harbour")
    saved_logins.remove("harbour")
    place.write(CREDENTIAL)
    assert place.read() is None
    assert saved_logins.names() == []


async def test_one_turn_ends_before_the_next_begins(saved_logins: SavedLogins) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    first_is_in, first_may_go = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def first() -> None:
        async with saved_logins.credential_store("harbour").lock():
            first_is_in.set()
            await first_may_go.wait()
            order.append("first")

    async def second() -> None:
        await first_is_in.wait()
        waiting = asyncio.create_task(_take_turn(saved_logins, order))
        await asyncio.sleep(0)
        first_may_go.set()
        await waiting

    await asyncio.gather(first(), second())
    assert order == ["first", "second"]


async def _take_turn(saved_logins: SavedLogins, order: list[str]) -> None:
    async with saved_logins.credential_store("harbour").lock():
        order.append("second")


async def test_one_that_hangs_is_passed_by(
    saved_logins: SavedLogins, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=False)
    monkeypatch.setattr("presence_tui.storage.saved_logins.LOCK_LIMIT_S", 0.0)
    async with saved_logins.lock("harbour"), saved_logins.lock("harbour"):
        pass


async def test_a_missing_folder_needs_no_lock(tmp_path: Path) -> None:
    async with SavedLogins(tmp_path / "nothing", Drawer()).lock("harbour"):
        pass


def test_the_file_is_plain_json_for_whoever_wants_to_look(saved_logins: SavedLogins) -> None:
    saved_logins.save(HARBOUR, CREDENTIAL, in_keyring=True)
    content = json.loads(saved_logins.path("harbour").read_text())
    assert content["url"] == "https://gate.example"
    assert content["secrets"] is None
